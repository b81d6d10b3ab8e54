# csv: reading and writing under all dialect options, and their errors.
import csv
import io


def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)


rows = [['a', 1, None, 2.5], ['x,y', 'q"r', 'new\nline', ''], [' lead', "it's", 'é€😀', 'tab\t'], [''], []]
for kw in ({}, {'quoting': csv.QUOTE_ALL}, {'quoting': csv.QUOTE_NONNUMERIC}, {'quoting': csv.QUOTE_STRINGS},
           {'quoting': csv.QUOTE_NOTNULL}, {'delimiter': ';', 'lineterminator': '\n'},
           {'doublequote': False, 'escapechar': '\\'}, {'quotechar': "'"},
           {'quoting': csv.QUOTE_NONE, 'escapechar': '\\'}, {'dialect': 'excel-tab'}, {'dialect': 'unix'}):
    out = io.StringIO()
    w = csv.writer(out, **kw)
    for row in rows:
        try:
            w.writerow(row)
        except csv.Error as e:
            print('Error', e)
    print(kw, repr(out.getvalue()))
    try:
        print(list(csv.reader(out.getvalue().splitlines(True), **kw)))
    except (csv.Error, ValueError) as e:
        print(type(e).__name__, e)
r = csv.reader(['a,"b', 'c",d\r\n', '\n', 'e\\,f,"g""h"\n', '"x"y,  z'], escapechar='\\', skipinitialspace=True)
for row in r:
    print(r.line_num, row)
attempt(lambda: next(csv.reader(['a\rb'])))
attempt(lambda: next(csv.reader(['"a"b'], strict=True)))
attempt(lambda: next(csv.reader(['"a'], strict=True)))
attempt(lambda: next(csv.reader([b'a'])))
attempt(lambda: next(csv.reader(['x'], quoting=csv.QUOTE_NONNUMERIC)))
for kw in ({'delimiter': 'ab'}, {'delimiter': None}, {'delimiter': '\n'}, {'quotechar': 5}, {'quoting': 9},
           {'quoting': '1'}, {'quotechar': None, 'quoting': 1}, {'lineterminator': None},
           {'lineterminator': ','}, {'delimiter': '"'}, {'escapechar': '"'}, {'nope': 1}):
    attempt(lambda: csv.reader([], **kw))
attempt(lambda: csv.reader([], 'nope'))
attempt(lambda: csv.writer(5))
attempt(lambda: csv.writer(io.StringIO()).writerow(5))
attempt(lambda: csv.register_dialect(5))
attempt(lambda: csv.get_dialect('nope'))
csv.register_dialect('mine', delimiter='|')
d = csv.get_dialect('mine')
print(sorted(csv.list_dialects()), d.delimiter, d.quoting, d.lineterminator == '\r\n')
attempt(lambda: setattr(d, 'delimiter', 'x'))
old = csv.field_size_limit(5)
attempt(lambda: next(csv.reader(['123456'])))
print(old, csv.field_size_limit(old))
out = io.StringIO()
w = csv.DictWriter(out, ['a', 'b'])
w.writeheader()
w.writerow({'a': 1, 'b': 2})
print(list(csv.DictReader(io.StringIO(out.getvalue()))), csv.Sniffer().sniff('a;b;c\n1;2;3\n').delimiter)
