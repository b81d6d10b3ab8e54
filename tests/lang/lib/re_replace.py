"""Counts, empty matches and groups of `re` over the paths for text, bytes and functions."""
import re
import warnings

warnings.simplefilter("ignore")
print(re.sub('a','b','aaa',count=-1), re.subn('a','b','aaa',count=-2), re.sub('a',lambda m:'c','aaa',count=-1), re.split('a','xaxax',maxsplit=-1), re.split('a','xaxax',maxsplit=1), re.split('(a)','xaxax',maxsplit=2))
try: re.sub('a',lambda m:5,'xaxa')
except TypeError as e: print(e)
print(re.sub('', '-', 'abc'), re.sub('x*', '-', 'abxd'), re.findall('x*','abxd'), [m.span() for m in re.finditer('x*','abxd')], re.split('x*','abxd'))
print(re.sub(r'(\w)é', r'\1e', 'aébéé'), re.findall('é.', 'aébéc'), re.search('b', 'aéb').span(), re.sub('é','x','aébé'), re.sub(b'a',b'b',b'cab'), re.subn(b'a', lambda m: b'', b'banana'))
print(re.findall('(a)(b)?','abaab'), re.findall('(a)|b','ab'), re.sub('(?i)A','x','aA', count=1))
