# Assignment to f_lineno from a trace function: where it leads, and what it says if it cannot.
import sys
def a(o):
    try:
        1/0
    except ZeroDivisionError:
        o.append(3)
        o.append(4)
    finally:
        o.append(6)
    o.append(7)
def b(o):
    try:
        1/0
    except ZeroDivisionError as e:
        o.append(3)
        o.append(4)
    finally:
        o.append(6)
    o.append(7)
def c(o):
    try:
        try:
            1/0
        except ZeroDivisionError as e:
            o.append(4)
            o.append(5)
    finally:
        o.append(7)
    o.append(8)
def d(o):
    try:
        try:
            1/0
        finally:
            o.append(4)
            o.append(5)
    finally:
        o.append(7)
    o.append(8)
def w(o):
    with open('/dev/null'):
        o.append(2)
        o.append(3)
    o.append(4)
def t(f, a, b):
    base=f.__code__.co_firstlineno
    done=[]
    def tr(fr, ev, arg):
        if fr.f_code is not f.__code__: return
        if ev=='line' and fr.f_lineno==base+a and not done:
            done.append(1)
            try:
                fr.f_lineno=base+b
                i=fr.f_lasti
                print('->', fr.f_lineno-base)
            except Exception as e: print(e)
        return tr
    sys.settrace(tr); o=[]
    try: f(o)
    except BaseException as e: print(repr(e), end=' ')
    sys.settrace(None)
    print(f.__name__, a,b,o)
t(a,5,7);t(b,5,7);t(c,6,8);t(d,6,8);t(w,3,1);t(w,2,1);t(d,8,5);t(a,7,5)

import warnings
warnings.simplefilter('error')
def gen():
    yield 1
    yield 2
def body(o):
    o.append(1)
    for i in [1,2]:
        o.append(i)
    try:
        1/0
    except ZeroDivisionError:
        o.append(len('x'))
    with open('/dev/null') as f:
        o.append(3)
    x = [*gen()]
    try:
        o.append(7)
    finally:
        o.append(8)
    return o
F=body.__code__.co_firstlineno
def attempt(ev, line, to, target=body, arg=None):
    done=[]
    def tr(frame, event, arg):
        if frame.f_code is not target.__code__: return tr
        frame.f_trace_opcodes = ev=='opcode'
        if event==ev and frame.f_lineno==line and not done:
            done.append(1)
            try:
                frame.f_lineno = to
                print(ev, line-F, to if not isinstance(to,int) else to-F, 'ok', frame.f_lineno-F)
            except BaseException as e:
                print(ev, line-F, to if not isinstance(to,int) else to-F, type(e).__name__, e)
        return tr
    sys.settrace(tr)
    try: r=target([]) 
    except BaseException as e: r=e
    sys.settrace(None)
    print(r if not hasattr(r,'send') else '')
for ev, a, b in [('call',0,1),('line',1,3),('line',2,1),('line',3,7),('line',1,100),('line',1,-1),('return',14,1),('exception',5,1),('opcode',1,5),
   ('line',1,7),('line',9,1),('line',1,9), ('line',1,14), ('line',7,1),('line',3,9),('line',7,10),('line',7,14), ('line',7,3)]:
    attempt(ev, F+a, F+b)
attempt('line',F+1,'x'); attempt('line',F+1,1.0); attempt('line',F+1,True);attempt('line',F+1,10**30)
def g2(o):
    yield 1
    o.append(2)
    yield 3
def attempt2(ev, a, b):
    global F
    F=g2.__code__.co_firstlineno
    attempt(ev,F+a,F+b,lambda o: list(g2(o)))
def tr(frame, event, arg):
    if frame.f_code is g2.__code__ and event=='return':
        try: frame.f_lineno += 1
        except BaseException as e: print(type(e), e)
    return tr
sys.settrace(tr); list(g2([])); sys.settrace(None)
f=sys._getframe()
for v in (3,'x'):
    try: f.f_lineno=v
    except BaseException as e: print(type(e), e)
try: del f.f_lineno
except BaseException as e: print(type(e), e)
def tr2(frame, event, arg):
    try: frame.f_back.f_lineno=F
    except BaseException as e: print(type(e), e)
    try: del frame.f_lineno
    except BaseException as e: print(type(e), e)
def one():
    pass
sys.settrace(tr2); one(); sys.settrace(None)
