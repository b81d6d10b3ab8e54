# binascii: padding of base64 in both modes, uu lines, buffers.
import binascii
for strict in (0,1):
  for d in (b'ab==',b'ab==c=',b'ab=',b'ab',b'a',b'abc=',b'abc',b'abc==',b'ab===',b'ab==c',b'ab==cd==',b'=',b'==',b'====',b'abcd=',b'abcd==',b'abcd=e',b'a=b==',b'ab=c=',b'ab=c==',b'ab:=',b'ab==:',b'ab==\n',b'\nab==',b'abcde',b'abcdef',b'ab==abcd',b'',b'\n=',b'a=',b'abcde='):
    try: print(strict,d,binascii.a2b_base64(d,strict_mode=strict))
    except Exception as e: print(strict,d,type(e).__name__,e)
for d in (b'', b'\xff\x00', b'!!!!', b' \n', b'\x7f', b'#86)C', b'#86)C\n', b'#86)C  `\n', b'#8', b'#86)Cx'):
    try:
        print(d, binascii.a2b_uu(d))
    except Exception as e:
        print(d, type(e).__name__, e)
for i in range(46):
    x = bytes(range(i))
    assert binascii.a2b_uu(binascii.b2a_uu(x)) == x
try:
    binascii.b2a_hex(memoryview(bytearray(b'noncontig'))[::-2])
except BufferError as e:
    print(e)
