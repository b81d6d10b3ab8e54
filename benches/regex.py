import re

line = '10.0.{}.{} - - [10/Oct/2000:13:55:36] "GET /index{}.html HTTP/1.0" 200 {}'
text = '\n'.join(line.format(i % 256, i * 7 % 256, i, i * 31) for i in range(4000))
pattern = re.compile(r'^(\d+\.\d+\.\d+\.\d+) .*? \[(.*?)\] "(\w+) (\S+) [^"]*" (\d+) (\d+)$', re.M)
for _ in range(3):
    total = sum(int(m.group(6)) for m in pattern.finditer(text))
    re.sub(r'index(\d+)', lambda m: m.group(1) + 'x', text)
    re.findall(r'[a-z]+', text)
