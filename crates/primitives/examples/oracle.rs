//! Runs primitives on lines from standard input, for scripts/compare.py (and, as a module, for
//! tests/golden.rs): `op`, then arguments,
//! separated by tabs; text and bytes are hexadecimal. Prints `=value` or `!kind: message`.

use stackless_primitives::codecs::{self, Codec, ErrorHandler, EscapeErrors};
use stackless_primitives::complex::{self, Complex};
use stackless_primitives::error::Error;
use stackless_primitives::float::{self, Power};
use stackless_primitives::format::percent::{self, Piece, Render, Template};
use stackless_primitives::format::{self, Locale, fields};
use stackless_primitives::int::{self, BigInt, ByteOrder};
use stackless_primitives::math::{self, FSum, SumProd, cmath};
use stackless_primitives::random::Mt19937;
use stackless_primitives::structfmt::{self, Integer, Kind, Layout};
use stackless_primitives::unicode::{self, Form};
use stackless_primitives::wtf8::{self, HashKey, Side};
use stackless_primitives::{bytes, hash};
use std::io::{BufRead, Write};

type Pair<'a> = (&'a [u8], &'a [u8]);
type R = Result<String, Error>;

fn unhex(s: &str) -> Vec<u8> {
    let d = |b: u8| (b as char).to_digit(16).unwrap() as u8;
    s.as_bytes().chunks(2).map(|p| d(p[0]) << 4 | d(p[1])).collect()
}

fn hex(b: impl AsRef<[u8]>) -> String {
    b.as_ref().iter().map(|b| format!("{b:02x}")).collect()
}

fn list(v: &[&[u8]]) -> String {
    v.iter().map(hex).collect::<Vec<_>>().join(",")
}

fn fl(v: f64) -> String {
    if v.is_nan() { "nan".into() } else { format!("{:016x}", v.to_bits()) }
}

fn cx(v: Complex) -> String {
    format!("{},{}", fl(v.re), fl(v.im))
}

fn opt<T: ToString>(v: Option<T>) -> String {
    v.map_or("None".into(), |v| v.to_string())
}

fn dec(v: &BigInt) -> String {
    v.to_decimal(0).unwrap()
}

struct Args<'a>(Vec<&'a str>);

impl Args<'_> {
    fn big(&self, i: usize) -> BigInt {
        int::parse_digits(self.0[i].as_bytes(), 10, 0).unwrap()
    }
    fn i(&self, i: usize) -> i64 {
        self.0[i].parse().unwrap()
    }
    fn b(&self, i: usize) -> Vec<u8> {
        unhex(self.0[i])
    }
    fn ob(&self, i: usize) -> Option<Vec<u8>> {
        (self.0[i] != "None").then(|| unhex(self.0[i]))
    }
    fn f(&self, i: usize) -> f64 {
        f64::from_bits(u64::from_str_radix(self.0[i], 16).unwrap())
    }
    fn s(&self, i: usize) -> &str {
        self.0[i]
    }
    fn side(&self, i: usize) -> Side {
        match self.0[i] {
            "l" => Side::Left,
            "r" => Side::Right,
            _ => Side::Both,
        }
    }
}

fn int_op(op: &str, a: &Args) -> Option<R> {
    Some(match op {
        "add" => a.big(0).add(&a.big(1)).map(|v| dec(&v)),
        "sub" => a.big(0).sub(&a.big(1)).map(|v| dec(&v)),
        "mul" => a.big(0).mul(&a.big(1)).map(|v| dec(&v)),
        "divmod" => {
            a.big(0).divmod_floor(&a.big(1)).map(|(q, r)| format!("{},{}", dec(&q), dec(&r)))
        }
        "mod" => a.big(0).mod_floor(&a.big(1)).map(|v| dec(&v)),
        "pow" => a.big(0).pow(&a.big(1)).map(|v| dec(&v)),
        "modpow" => a.big(0).modpow(&a.big(1), &a.big(2)).map(|v| dec(&v)),
        "shl" => a.big(0).shl(&a.big(1)).map(|v| dec(&v)),
        "shr" => a.big(0).shr(&a.big(1)).map(|v| dec(&v)),
        "and" => Ok(dec(&a.big(0).and(&a.big(1)))),
        "or" => Ok(dec(&a.big(0).or(&a.big(1)))),
        "xor" => Ok(dec(&a.big(0).xor(&a.big(1)))),
        "inv" => Ok(dec(&a.big(0).invert())),
        "gcd" => Ok(dec(&a.big(0).gcd(&a.big(1)))),
        "lcm" => a.big(0).lcm(&a.big(1)).map(|v| dec(&v)),
        "isqrt" => a.big(0).isqrt().map(|v| dec(&v)),
        "bits" => Ok(format!("{},{}", a.big(0).bit_length(), a.big(0).bit_count())),
        "tofloat" => a.big(0).to_f64().map(fl),
        "fromfloat" => BigInt::from_f64(a.f(0)).map(|v| dec(&v)),
        "truediv" => a.big(0).true_div(&a.big(1)).map(fl),
        "ihash" => Ok(a.big(0).py_hash().to_string()),
        "cmpf" => Ok(format!("{:?}", a.big(0).partial_cmp_f64(a.f(1)))),
        "iround" => a.big(0).round_to_power_of_ten(&a.big(1)).map(|v| dec(&v)),
        "tobytes" => ByteOrder::parse(a.s(2).as_bytes())
            .and_then(|o| a.big(0).to_bytes(a.i(1), o, a.i(3) != 0))
            .map(hex),
        "frombytes" => ByteOrder::parse(a.s(1).as_bytes())
            .map(|o| dec(&BigInt::from_bytes(&a.b(0), o, a.i(2) != 0))),
        "iparse" => int::parse_str(&a.b(0), a.i(1), 4300).map(|v| dec(&v)),
        "ibparse" => int::parse_bytes(&a.b(0), a.i(1), 4300).map(|v| dec(&v)),
        "istr" => a.big(0).to_decimal(4300),
        "ibase" => Ok(a.big(0).to_prefixed(a.i(1) as u32)),
        _ => return None,
    })
}

fn float_op(op: &str, a: &Args) -> Option<R> {
    let c = |i: usize| Complex { re: a.f(i), im: a.f(i + 1) };
    Some(match op {
        "frepr" => Ok(float::repr(a.f(0))),
        "fparse" => float::parse_str(&a.b(0)).map(fl),
        "fbparse" => float::parse_bytes(&a.b(0)).map(fl),
        "fhex" => Ok(float::to_hex(a.f(0))),
        "ffromhex" => float::from_hex(&a.b(0)).map(fl),
        "fratio" => {
            float::as_integer_ratio(a.f(0)).map(|(n, d)| format!("{},{}", dec(&n), dec(&d)))
        }
        "fround" => float::round(a.f(0), a.i(1)).map(fl),
        "fround0" => float::round_to_int(a.f(0)).map(|v| dec(&v)),
        "fdivmod" => float::divmod(a.f(0), a.f(1)).map(|(q, r)| format!("{},{}", fl(q), fl(r))),
        "fmod" => float::modulo(a.f(0), a.f(1)).map(fl),
        "ffloordiv" => float::floor_div(a.f(0), a.f(1)).map(fl),
        "fpow" => match float::pow(a.f(0), a.f(1)) {
            Ok(Power::Float(v)) => Ok(fl(v)),
            Ok(Power::NeedsComplex) => Ok("complex".into()),
            Err(e) => Err(e),
        },
        "fhash" => Ok(opt(float::hash(a.f(0)))),
        "fhalf" => float::pack_half(a.f(0)).map(|h| h.to_string()),
        "fhalfun" => Ok(fl(float::unpack_half(a.i(0) as u16))),
        "cmul" => Ok(cx(complex::mul(c(0), c(2)))),
        "cdiv" => complex::div(c(0), c(2)).map(cx),
        "cpow" => complex::pow(c(0), c(2)).map(cx),
        "cabs" => complex::abs(c(0)).map(fl),
        "crepr" => Ok(complex::repr(a.f(0), a.f(1))),
        "chash" => Ok(opt(complex::hash(c(0)))),
        "cparse" => complex::parse_str(&a.b(0)).map(cx),
        "rdivc" => complex::real_div(a.f(0), c(1)).map(cx),
        "cdivr" => complex::div_real(c(0), a.f(2)).map(cx),
        "cmulr" => Ok(cx(complex::mul_real(c(0), a.f(2)))),
        "rsubc" => Ok(cx(complex::real_sub(a.f(0), c(1)))),
        _ => return None,
    })
}

fn format_op(op: &str, a: &Args) -> Option<R> {
    let loc = Locale::default();
    Some(match op {
        "fmti" => format::format_int(&a.big(0), &a.b(1), "int", 4300, &loc).map(hex),
        "fmtf" => format::format_float(a.f(0), &a.b(1), "float", &loc).map(hex),
        "fmtc" => format::format_complex(a.f(0), a.f(1), &a.b(2), "complex", &loc).map(hex),
        "fmts" => format::format_str(&a.b(0), &a.b(1), "str").map(hex),
        "pct" => percent_op(a),
        "fields" => fields_op(&a.b(0)),
        _ => return None,
    })
}

fn percent_op(a: &Args) -> R {
    let text = a.b(0);
    let (kind, value) = a.s(1).split_once(':').unwrap();
    let mut out = Vec::new();
    let t = Template::new(&text);
    for p in t.clone() {
        match p? {
            Piece::Literal(l) => out.extend_from_slice(l),
            Piece::Field(f) => {
                let r = Render::of(&f);
                let c = r.conversion;
                out.extend(match (c, kind) {
                    (b'%', _) => b"%".to_vec(),
                    (b'd' | b'i' | b'u' | b'o' | b'x' | b'X', "i") => {
                        let v = int::parse_digits(value.as_bytes(), 10, 0).unwrap();
                        percent::render_int(&r, &v, 4300)?
                    }
                    (b'e' | b'E' | b'f' | b'F' | b'g' | b'G', "f") => percent::render_float(
                        &r,
                        f64::from_bits(u64::from_str_radix(value, 16).unwrap()),
                    )?,
                    (b's', "s") => percent::render_text(&r, &unhex(value))?,
                    _ => return Err(t.unsupported(&f)),
                });
            }
        }
    }
    Ok(hex(out))
}

fn fields_op(text: &[u8]) -> R {
    let mut out = String::new();
    for p in fields::Markup::new(text) {
        let p = p?;
        out += &hex(p.literal);
        if let Some(f) = p.field {
            let conv = f.conversion.map_or("None".into(), |c| c.to_string());
            out += &format!("|{}|{}|{conv}", hex(f.name), hex(f.spec));
        }
        out.push(';');
    }
    Ok(out)
}

fn str_op(op: &str, a: &Args) -> Option<R> {
    let t = a.b(0);
    let parts = |v: Result<Vec<&[u8]>, Error>| v.map(|v| list(&v));
    let pair = |v: Result<Option<Pair>, Error>| {
        v.map(|p| p.map_or("None".into(), |(x, y)| format!("{},{}", hex(x), hex(y))))
    };
    let sep = |i: usize| a.ob(i);
    Some(match op {
        "sfind" => Ok(opt(wtf8::find(&t, &a.b(1)).map(|i| wtf8::count_chars(&t[..i])))),
        "srfind" => Ok(opt(wtf8::rfind(&t, &a.b(1)).map(|i| wtf8::count_chars(&t[..i])))),
        "scount" => Ok(wtf8::count(&t, &a.b(1)).to_string()),
        "ssplit" => parts(wtf8::split(&t, sep(1).as_deref(), a.i(2))),
        "srsplit" => parts(wtf8::rsplit(&t, sep(1).as_deref(), a.i(2))),
        "slines" => Ok(list(&wtf8::splitlines(&t, a.i(1) != 0))),
        "spart" => pair(wtf8::partition(&t, &a.b(1))),
        "srpart" => pair(wtf8::rpartition(&t, &a.b(1))),
        "sstrip" => Ok(hex(match a.ob(1) {
            Some(set) => wtf8::strip_chars(&t, &set, a.side(2)).to_vec(),
            None => wtf8::strip(&t, a.side(2)).to_vec(),
        })),
        "sreplace" => wtf8::replace(&t, &a.b(1), &a.b(2), a.i(3)).map(hex),
        "slower" => Ok(hex(wtf8::lower(&t))),
        "supper" => Ok(hex(wtf8::upper(&t))),
        "stitle" => Ok(hex(wtf8::title(&t))),
        "scapitalize" => Ok(hex(wtf8::capitalize(&t))),
        "sswapcase" => Ok(hex(wtf8::swapcase(&t))),
        "scasefold" => Ok(hex(wtf8::casefold(&t))),
        "sis" => Ok(format!(
            "{:?}",
            [
                wtf8::is_alpha(&t),
                wtf8::is_alnum(&t),
                wtf8::is_decimal(&t),
                wtf8::is_digit(&t),
                wtf8::is_numeric(&t),
                wtf8::is_space(&t),
                wtf8::is_printable(&t),
                wtf8::is_lower(&t),
                wtf8::is_upper(&t),
                wtf8::is_title(&t),
                wtf8::is_identifier(&t)
            ]
            .map(u8::from)
        )),
        "scenter" => wtf8::center(&t, a.i(1), a.i(2) as u32).map(hex),
        "sljust" => wtf8::ljust(&t, a.i(1), a.i(2) as u32).map(hex),
        "srjust" => wtf8::rjust(&t, a.i(1), a.i(2) as u32).map(hex),
        "szfill" => wtf8::zfill(&t, a.i(1)).map(hex),
        "stabs" => wtf8::expandtabs(&t, a.i(1)).map(hex),
        "srepr" => Ok(hex(wtf8::repr(&t))),
        "sascii" => Ok(hex(wtf8::ascii(&t))),
        "slen" => Ok(format!("{},{}", wtf8::count_chars(&t), wtf8::OffsetIndex::build(&t).chars())),
        "sat" => {
            let i = a.i(1) as usize;
            let x = wtf8::OffsetIndex::build(&t);
            let (p, q) = (wtf8::byte_offset(&t, i), x.byte_of(&t, i));
            assert_eq!(p, q);
            if p < t.len() {
                assert_eq!(x.char_of(&t, p), i);
            }
            Ok(opt(wtf8::decode_at(&t, p).map(|c| c.0)))
        }
        "shash" => Ok(wtf8::hash(&t, HashKey::from_seed(a.i(1) as u32)).to_string()),
        "snorm" => Form::parse(a.s(1).as_bytes()).map(|f| hex(unicode::normalize(f, &t))),
        "snorm32" => Form::parse(a.s(1).as_bytes()).map(|f| hex(unicode::Ucd32.normalize(f, &t))),
        "bsplit" => parts(bytes::split(&t, sep(1).as_deref(), a.i(2))),
        "brsplit" => parts(bytes::rsplit(&t, sep(1).as_deref(), a.i(2))),
        "blines" => Ok(list(&bytes::splitlines(&t, a.i(1) != 0))),
        "bcount" => Ok(bytes::count(&t, &a.b(1)).to_string()),
        "bstrip" => Ok(hex(match a.ob(1) {
            Some(set) => bytes::strip_chars(&t, &set, a.side(2)).to_vec(),
            None => bytes::strip(&t, a.side(2)).to_vec(),
        })),
        "breplace" => bytes::replace(&t, &a.b(1), &a.b(2), a.i(3)).map(hex),
        "bcase" => Ok([
            bytes::lower(&t),
            bytes::upper(&t),
            bytes::title(&t),
            bytes::capitalize(&t),
            bytes::swapcase(&t),
        ]
        .map(hex)
        .join(",")),
        "bis" => Ok(format!(
            "{:?}",
            [
                bytes::is_alpha(&t),
                bytes::is_alnum(&t),
                bytes::is_digit(&t),
                bytes::is_space(&t),
                bytes::is_lower(&t),
                bytes::is_upper(&t),
                bytes::is_title(&t)
            ]
            .map(u8::from)
        )),
        "bpad" => Ok([
            bytes::center(&t, a.i(1), b'*'),
            bytes::ljust(&t, a.i(1), b'*'),
            bytes::rjust(&t, a.i(1), b'*'),
            bytes::zfill(&t, a.i(1)),
            bytes::expandtabs(&t, a.i(1)),
        ]
        .map(|v| hex(v.unwrap()))
        .join(",")),
        "brepr" => Ok(hex(bytes::repr(&t))),
        "bhex" => bytes::hex(&t, a.ob(1).as_deref(), a.i(2)).map(hex),
        "bfromhex" => bytes::fromhex(&t).map(hex).map_err(Error::from),
        _ => return None,
    })
}

fn unicode_op(op: &str, a: &Args) -> Option<R> {
    Some(match op {
        "ucd" => {
            let c = a.i(0) as u32;
            Ok(format!(
                "{},{},{},{},{},{},{},{},{},{}",
                unicode::category(c),
                unicode::bidirectional(c),
                unicode::combining(c),
                u8::from(unicode::mirrored(c)),
                unicode::east_asian_width(c),
                unicode::decomposition(c),
                opt(unicode::decimal(c)),
                opt(unicode::digit(c)),
                unicode::numeric(c).map_or("None".into(), fl),
                opt(unicode::name(c))
            ))
        }
        "ucd32" => {
            let c = a.i(0) as u32;
            let u = unicode::Ucd32;
            Ok(format!(
                "{},{},{},{},{},{},{},{},{},{}",
                u.category(c),
                u.bidirectional(c),
                u.combining(c),
                u8::from(u.mirrored(c)),
                u.east_asian_width(c),
                u.decomposition(c),
                opt(u.decimal(c)),
                opt(u.digit(c)),
                u.numeric(c).map_or("None".into(), fl),
                opt(u.name(c))
            ))
        }
        "ulookup" => Ok(unicode::lookup(&a.b(0))
            .map_or("None".into(), |v| v.iter().map(u32::to_string).collect::<Vec<_>>().join("+"))),
        "enc" => {
            let t = a.b(0);
            let codec = Codec::by_name(a.s(1)).unwrap();
            let h = ErrorHandler::by_name(a.s(2).as_bytes()).unwrap();
            Ok(match codecs::encode(codec, &t, h) {
                Ok(v) => hex(v),
                Err(e) => format!(
                    "{} {} {} {}",
                    e.encoding,
                    wtf8::count_chars(&t[..e.error.start]),
                    wtf8::count_chars(&t[..e.error.end]),
                    e.error.reason
                ),
            })
        }
        "dec" => {
            let codec = Codec::by_name(a.s(1)).unwrap();
            let h = ErrorHandler::by_name(a.s(2).as_bytes()).unwrap();
            Ok(match codecs::decode(codec, &a.b(0), h, a.i(3) != 0) {
                Ok((v, n)) => format!("{},{n}", hex(v)),
                Err(e) => {
                    format!("{} {} {} {}", e.encoding, e.error.start, e.error.end, e.error.reason)
                }
            })
        }
        "escdec" => codecs::escape_decode(&a.b(0), EscapeErrors::parse(a.s(1)).unwrap())
            .map(|u| hex(u.bytes)),
        "escenc" => Ok(hex(codecs::escape_encode(&a.b(0)))),
        "htuple" => {
            let v: Vec<i64> = a.0.iter().map(|s| s.parse().unwrap()).collect();
            Ok(hash::hash_tuple(&v).to_string())
        }
        "hfset" => {
            let mut h = hash::FrozenSetHash::new();
            a.0.iter().for_each(|s| h.add(s.parse().unwrap()));
            Ok(h.finish(a.0.len()).to_string())
        }
        _ => return None,
    })
}

fn math1(name: &str, x: f64) -> R {
    let f: fn(f64) -> Result<f64, Error> = match name {
        "acos" => math::acos,
        "acosh" => math::acosh,
        "asin" => math::asin,
        "asinh" => math::asinh,
        "atan" => math::atan,
        "atanh" => math::atanh,
        "cbrt" => math::cbrt,
        "cos" => math::cos,
        "cosh" => math::cosh,
        "erf" => math::erf,
        "erfc" => math::erfc,
        "exp" => math::exp,
        "exp2" => math::exp2,
        "expm1" => math::expm1,
        "gamma" => math::gamma,
        "lgamma" => math::lgamma,
        "log" => math::log,
        "log10" => math::log10,
        "log1p" => math::log1p,
        "log2" => math::log2,
        "sin" => math::sin,
        "sinh" => math::sinh,
        "sqrt" => math::sqrt,
        "tan" => math::tan,
        "tanh" => math::tanh,
        "ulp" => |x| Ok(math::ulp(x)),
        "degrees" => |x| Ok(math::degrees(x)),
        "radians" => |x| Ok(math::radians(x)),
        "frexp" => return Ok(format!("{},{}", fl(math::frexp(x).0), math::frexp(x).1)),
        "modf" => return Ok(format!("{},{}", fl(math::modf(x).0), fl(math::modf(x).1))),
        _ => panic!("{name}"),
    };
    f(x).map(fl)
}

fn cmath1(name: &str, z: Complex) -> R {
    let f: fn(Complex) -> Result<Complex, Error> = match name {
        "acos" => cmath::acos,
        "acosh" => cmath::acosh,
        "asin" => cmath::asin,
        "asinh" => cmath::asinh,
        "atan" => cmath::atan,
        "atanh" => cmath::atanh,
        "cos" => cmath::cos,
        "cosh" => cmath::cosh,
        "exp" => cmath::exp,
        "log10" => cmath::log10,
        "sin" => cmath::sin,
        "sinh" => cmath::sinh,
        "sqrt" => cmath::sqrt,
        "tan" => cmath::tan,
        "tanh" => cmath::tanh,
        "log" => |z| cmath::log(z, None),
        "phase" => return cmath::phase(z).map(fl),
        "polar" => return cmath::polar(z).map(|(r, p)| format!("{},{}", fl(r), fl(p))),
        "rect" => |z| cmath::rect(z.re, z.im),
        _ => panic!("{name}"),
    };
    f(z).map(cx)
}

fn pack_one(a: &Args) -> R {
    let layout = Layout::parse(&a.b(0))?;
    let mut out = vec![0u8; layout.size];
    let (code, at, size) = layout.slots().next().unwrap();
    let slot = &mut out[at..at + size];
    let (kind, ..) = structfmt::code_info(code, layout.native).unwrap();
    match kind {
        Kind::Float => structfmt::pack_float(code, layout.order, a.f(1), slot)?,
        Kind::Bytes | Kind::Pascal => structfmt::pack_bytes(code, &a.b(1), slot),
        Kind::Complex => structfmt::pack_complex(code, layout.order, a.f(1), a.f(2), slot)?,
        _ => structfmt::pack_int(code, layout.order, &a.big(1), slot)?,
    }
    Ok(hex(out))
}

fn unpack_all(a: &Args) -> R {
    let layout = Layout::parse(&a.b(0))?;
    let data = a.b(1);
    let mut out = Vec::new();
    for (code, at, size) in layout.slots() {
        let b = &data[at..at + size];
        let o = layout.order;
        out.push(match structfmt::code_info(code, layout.native).unwrap().0 {
            Kind::Float => fl(structfmt::unpack_float(code, o, b)),
            Kind::Complex => {
                let (re, im) = structfmt::unpack_complex(code, o, b);
                cx(Complex { re, im })
            }
            Kind::Bytes | Kind::Pascal | Kind::Char => hex(structfmt::unpack_bytes(code, b)),
            Kind::Bool => u8::from(structfmt::unpack_bool(b)).to_string(),
            _ => match structfmt::unpack_int(code, o, b) {
                Integer::Signed(v) => v.to_string(),
                Integer::Unsigned(v) => v.to_string(),
            },
        });
    }
    Ok(format!("{}:{}", layout.size, out.join(",")))
}

fn module_op(op: &str, a: &Args) -> Option<R> {
    let floats = |from: usize| (from..a.0.len()).map(|i| a.f(i)).collect::<Vec<_>>();
    Some(match op {
        "m1" => math1(a.s(0), a.f(1)),
        "cm" => cmath1(a.s(0), Complex { re: a.f(1), im: a.f(2) }),
        "m2" => {
            let (x, y) = (a.f(1), a.f(2));
            match a.s(0) {
                "atan2" => Ok(fl(math::atan2(x, y))),
                "copysign" => Ok(fl(math::copysign(x, y))),
                "fmod" => math::fmod(x, y).map(fl),
                "remainder" => math::remainder(x, y).map(fl),
                "pow" => math::pow(x, y).map(fl),
                "nextafter" => Ok(fl(math::nextafter(x, y, None))),
                _ => panic!(),
            }
        }
        "m3" => math::fma(a.f(0), a.f(1), a.f(2)).map(fl),
        "ldexp" => math::ldexp(a.f(0), a.i(1)).map(fl),
        "nextsteps" => Ok(fl(math::nextafter(a.f(0), a.f(1), Some(a.i(2) as u64)))),
        "isclose" => math::isclose(a.f(0), a.f(1), a.f(2), a.f(3)).map(|b| b.to_string()),
        "fsum" => {
            let mut s = FSum::new();
            floats(0).into_iter().try_for_each(|v| s.add(v)).and_then(|()| s.finish()).map(fl)
        }
        "sumprod" => {
            let v = floats(0);
            let mut s = SumProd::default();
            let mut plain = 0.0;
            let mut exact = true;
            for p in v.chunks(2) {
                if exact && s.add(p[0], p[1]) {
                    continue;
                }
                if exact {
                    plain += s.value();
                    exact = false;
                }
                plain += p[0] * p[1];
            }
            Ok(fl(if exact { s.value() } else { plain }))
        }
        "hypot" => Ok(fl(math::hypot(&floats(0)))),
        "comb" => math::comb(&a.big(0), &a.big(1)).map(|v| dec(&v)),
        "perm" => math::perm(&a.big(0), &a.big(1)).map(|v| dec(&v)),
        "factorial" => math::factorial(&a.big(0)).map(|v| dec(&v)),
        "logbig" => math::log_big(&a.big(0)).map(fl),
        "log2big" => math::log2_big(&a.big(0)).map(fl),
        "log10big" => math::log10_big(&a.big(0)).map(fl),
        "mt" => {
            let mut r = Mt19937::from_int(&a.big(0));
            let mut out = String::new();
            for i in 1..a.0.len() {
                out += &match a.i(i) {
                    0 => fl(r.random()),
                    k => dec(&r.getrandbits(k).unwrap()),
                };
                out.push(',');
            }
            let (words, index) = r.state();
            Ok(format!("{out}{index}:{}:{}", words[0], words[623]))
        }
        "pack" => pack_one(a),
        "unpack" => unpack_all(a),
        "calcsize" => Layout::parse(&a.b(0)).map(|l| format!("{},{}", l.size, l.values)),
        _ => return None,
    })
}

/// The answer to one line.
pub fn run(line: &str) -> String {
    let mut parts = line.split('\t');
    let op = parts.next().unwrap_or("");
    let a = Args(parts.collect());
    let r = int_op(op, &a)
        .or_else(|| float_op(op, &a))
        .or_else(|| format_op(op, &a))
        .or_else(|| unicode_op(op, &a))
        .or_else(|| module_op(op, &a))
        .or_else(|| str_op(op, &a))
        .unwrap_or_else(|| panic!("unknown operation {op}"));
    match r {
        Ok(v) => format!("={v}"),
        Err(e) => format!("!{}: {}", e.kind.class_name(), e.message),
    }
}

fn main() {
    let stdin = std::io::stdin().lock();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in stdin.lines() {
        writeln!(out, "{}", run(&line.unwrap())).unwrap();
    }
}
