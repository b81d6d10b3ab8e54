//! What a line-based comparison with CPython cannot express: resumption, drivers, absurd sizes.

use stackless_primitives::codecs::*;
use stackless_primitives::format::fields::{Access, First, Markup, Numbering, split_name};
use stackless_primitives::format::percent::{Count, Piece, Render, Template};
use stackless_primitives::format::{self, Locale};
use stackless_primitives::wtf8::{self, Translated};
use stackless_primitives::{BigInt, ErrorKind, bytes, int, random::Mt19937, unicode};

const HUGE: i64 = 10i64.pow(15);

#[test]
fn absurd_sizes_are_refused_before_allocation() {
    let memory = |r: stackless_primitives::Result<Vec<u8>>| {
        assert_eq!(r.unwrap_err().kind, ErrorKind::MemoryError);
    };
    memory(wtf8::center(b"a", HUGE, 32));
    memory(wtf8::zfill(b"a", i64::MAX));
    memory(wtf8::repeat(b"ab", i64::MAX));
    memory(bytes::ljust(b"a", HUGE, b' '));
    memory(wtf8::expandtabs(b"\t\t", i64::MAX));
    memory(wtf8::replace(&[b'a'; 1 << 16], b"a", &[b'b'; 1 << 21], -1).map(|c| c.into_owned()));
    memory(BigInt::ONE.to_bytes(HUGE, int::ByteOrder::Big, false));
    let loc = Locale::default();
    for spec in ["1000000000000000d", "01000000000000000,d", "*^1000000000000000"] {
        memory(format::format_int(&BigInt::ONE, spec.as_bytes(), "int", 0, &loc));
    }
    memory(format::format_float(1.0, b"1000000000000000", "float", &loc));
    memory(format::format_str(b"x", b"1000000000000000", "str"));
    let big = BigInt::from(u64::MAX);
    assert_eq!(big.pow(&big).unwrap_err().kind, ErrorKind::MemoryError);
    assert_eq!(BigInt::ONE.shl(&BigInt::from(HUGE)).unwrap_err().kind, ErrorKind::MemoryError);
    let f = format::format_float(1.5, b".2000f", "float", &loc).unwrap();
    assert_eq!(f.len(), 2002);
}

#[test]
fn decoding_resumes_between_chunks() {
    let text = "aé€😀\u{10ffff}z".as_bytes();
    for cut in 0..=text.len() {
        let (mut out, mut pos) = (Vec::new(), 0);
        assert_eq!(utf8_decode_step(&text[..cut], &mut pos, false, &mut out), None);
        let mut rest = text[pos..cut].to_vec();
        rest.extend_from_slice(&text[cut..]);
        assert_eq!(utf8_decode_step(&rest, &mut 0, true, &mut out), None);
        assert_eq!(out, text);
    }
    let utf16 = encode(Codec::Utf16(None), text, ErrorHandler::Strict).unwrap();
    for cut in 0..=utf16.len() {
        let mut d = Utf16Decoder::new(None);
        let (mut out, mut pos) = (Vec::new(), 0);
        assert_eq!(d.step(&utf16[..cut], &mut pos, false, &mut out), None);
        assert_eq!(d.step(&utf16, &mut pos, true, &mut out), None);
        assert_eq!(out, text);
    }
}

#[test]
fn a_caller_can_handle_errors_itself() {
    let input = b"a\xffb\xe2\x82";
    let (mut out, mut pos) = (Vec::new(), 0);
    let mut seen = Vec::new();
    while let Some(e) = utf8_decode_step(input, &mut pos, true, &mut out) {
        seen.push((e.start, e.end, e.reason));
        out.push(b'?');
        pos = e.end;
    }
    assert_eq!(out, b"a?b?");
    assert_eq!(seen, [(1, 2, "invalid start byte"), (3, 5, "unexpected end of data")]);
}

#[test]
fn charmaps_go_both_ways() {
    let table = "ab\u{fffe}é".as_bytes();
    let t = CharmapTable::new(table);
    let (mut out, mut pos) = (Vec::new(), 0);
    let e = charmap_decode_step(&[0, 3, 2, 1], &mut pos, &mut out, |b| t.get(b)).unwrap();
    assert_eq!((e.start, e.end, pos), (2, 3, 2));
    assert_eq!(out, "aé".as_bytes());
    let m = EncodingMap::build(table);
    assert_eq!(m.len(), 3);
    let (mut out, mut pos) = (Vec::new(), 0);
    let e = charmap_encode_step("éxyb".as_bytes(), &mut pos, &mut out, |c| m.get(c)).unwrap();
    assert_eq!((out.as_slice(), e.start, e.end), ([3].as_slice(), 2, 4));
}

#[test]
fn percent_templates_are_data() {
    let text = b"x%(k(1))-05.*ld%%\xc3\xa9%*s";
    let mut t = Template::new(text);
    assert_eq!(t.next(), Some(Ok(Piece::Literal(b"x"))));
    let Some(Ok(Piece::Field(f))) = t.next() else { panic!() };
    assert_eq!(f.key, Some(b"k(1)".as_slice()));
    assert!(f.flags.left && f.flags.zero);
    assert_eq!((f.width, f.precision, f.conversion), (Count::Value(5), Count::Star, 100));
    // Leaving and resuming at a position continues the same walk.
    let pos = t.pos();
    let mut t = Template::new(text).resume(pos);
    assert!(matches!(t.next(), Some(Ok(Piece::Field(f))) if f.conversion == 37));
    assert_eq!(t.next(), Some(Ok(Piece::Literal("é".as_bytes()))));
    let Some(Ok(Piece::Field(f))) = t.next() else { panic!() };
    let mut r = Render::of(&f);
    r.set_width(&BigInt::from(-4)).unwrap();
    assert_eq!(stackless_primitives::format::percent::render_text(&r, b"ab").unwrap(), b"ab  ");
    assert_eq!(t.next(), None);
}

#[test]
fn field_names_are_split() {
    let (first, rest) = split_name("0.a[1][k].é".as_bytes()).unwrap();
    assert_eq!(first, First::Index(0));
    let parts: Vec<_> = rest.map(|p| p.unwrap()).collect();
    assert_eq!(
        parts,
        [
            Access::Attribute(b"a"),
            Access::Index(1),
            Access::Key(b"k"),
            Access::Attribute("é".as_bytes())
        ]
    );
    let error = |name: &[u8]| {
        let (_, mut rest) = split_name(name).unwrap();
        rest.find_map(|p| p.err()).unwrap().message.into_owned()
    };
    assert_eq!(error(b"a[]"), "Empty attribute in format string");
    assert_eq!(error(b"a[b]c"), "Only '.' or '[' may follow ']' in format field specifier");
    assert_eq!(error(b"a[b"), "Missing ']' in format string");
    let mut n = Numbering::default();
    assert_eq!(n.resolve(First::Auto), Ok(First::Index(0)));
    assert_eq!(n.resolve(First::Auto), Ok(First::Index(1)));
    assert!(n.resolve(First::Index(0)).is_err());
    let nested = Markup::new(b"{0:{1}}").next().unwrap().unwrap().field.unwrap();
    assert!(nested.nested);
}

#[test]
fn translation() {
    let out = wtf8::translate("aéb".as_bytes(), |c| {
        Ok::<_, ()>(match c {
            0x61 => Translated::Delete,
            0xe9 => Translated::Text(b"e'"),
            _ => Translated::Char(0x1f600),
        })
    });
    assert_eq!(out.unwrap(), "e'😀".as_bytes());
    let table = wtf8::ascii_table(|b| match b {
        b'a' => Some(Some(b'A')),
        b'-' => Some(None),
        b'?' => None,
        _ => Some(Some(b)),
    });
    let mut out = Vec::new();
    assert_eq!(wtf8::translate_ascii(b"a-b?c", &table, &mut out), 3);
    assert_eq!(out, b"Ab");
}

#[test]
fn malformed_text_never_panics() {
    let junk: Vec<u8> = (0..=255u8).cycle().step_by(7).take(4096).collect();
    for start in 0..300 {
        let t = &junk[start..start + 40];
        let _ = (wtf8::lower(t), wtf8::title(t), wtf8::repr(t), wtf8::is_title(t));
        let _ = (wtf8::splitlines(t, true), wtf8::strip(t, wtf8::Side::Both));
        let _ = (wtf8::rsplit(t, None, -1), wtf8::split(t, None, 3), wtf8::casefold(t));
        let _ = (unicode::normalize(unicode::Form::Nfkc, t), wtf8::hash(t, Default::default()));
        let x = wtf8::OffsetIndex::build(t);
        let _ = (x.byte_of(t, 7), x.char_of(t, 9), wtf8::chars(t).rev().count());
        let _ = (int::parse_str(t, 10, 0).is_ok(), format::format_str(t, t, "str").is_ok());
    }
    assert!(!wtf8::is_valid(b"\xed\xa0"));
    assert!(wtf8::is_valid(b"\xed\xa0\x80\xed\xb0\x80a"));
    assert_eq!(unicode::category(0xffff_ffff), "Cn");
}

#[test]
fn generator_state_round_trips() {
    let mut a = Mt19937::from_int(&BigInt::from(7));
    a.next_u32();
    let (words, index) = a.state();
    let mut b = Mt19937::from_state(words, index as i64).unwrap();
    assert_eq!(a.random(), b.random());
    assert!(Mt19937::from_state(&[0; 3], 0).is_err());
}

#[test]
fn small_integers_are_recognised() {
    for (v, small) in [(int::SMALL_MAX, true), (int::SMALL_MIN, true)] {
        assert_eq!(BigInt::from(v).to_small().is_some(), small);
    }
    assert_eq!(BigInt::from(int::SMALL_MAX as i128 + 1).to_small(), None);
    assert_eq!(BigInt::from(int::SMALL_MIN as i128 - 1).to_small(), None);
    let n = BigInt::from(-(1i128 << 80));
    let bytes = n.to_signed_bytes_le();
    assert_eq!(BigInt::from_bytes(&bytes, int::ByteOrder::Little, true), n);
}
