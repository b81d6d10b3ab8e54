//! Code objects that went through an image are what they were; a damaged image gives errors.

use std::sync::Arc;

use stackless_bytecode::image::Builder;
use stackless_bytecode::{Code, Const, Image};
use stackless_compiler as c;

const SOURCES: [&str; 3] = [
    "x = 1 << 64, 0x1234567890abcdef1234567890, -5, 2.5, 3j, b'bytes', 'text', '\\udc80', ..., None\n",
    "def f(a, /, b=1, *args, c, **more):\n    'Says what it does.'\n    def g():\n        return a, more\n    \
     try:\n        return [g() for i in args if i in {1, 2}][1:2]\n    except ValueError as e:\n        raise e from None\n",
    "class A:\n    'Text.'\n    async def m(self):\n        async with self as x:\n            yield x\n    \
     y: int = lambda: (yield)\nf'{A!r:>{10}}'\n",
];

fn compiled() -> Vec<Arc<Code>> {
    let compile = |(i, source): (usize, &&str)| {
        let options = c::Options::new(c::Mode::Exec, format!("<file {i}>"));
        let source = c::Source::from_str(source).expect("no NUL in the sources");
        c::compile(&source, &options).expect("the sources are right").0
    };
    SOURCES.iter().enumerate().map(compile).collect()
}

/// An image and the numbers of its modules. Images live as long as the program.
fn image(codes: &[Arc<Code>], damage: impl FnOnce(&mut Vec<u8>)) -> (&'static Image, Vec<usize>) {
    let mut builder = Builder::default();
    let numbers = codes.iter().map(|code| builder.add(code)).collect();
    let [text, words, live, bytes, mut records] =
        builder.finish(|code| &*code.name == "f").map(|f| f.1);
    damage(&mut records);
    let image = Image {
        text: String::leak(String::from_utf8(text).expect("names are UTF-8")),
        words: words.leak(),
        live: live.leak(),
        bytes: bytes.leak(),
        records: records.leak(),
        numbered: false,
    };
    (Box::leak(Box::new(image)), numbers)
}

#[test]
fn an_image_keeps_code() {
    let codes = compiled();
    let (image, numbers) = image(&codes, |_| ());
    for (code, number) in codes.iter().zip(numbers) {
        let made = image.load(number, None).expect("the image is sound");
        assert!(made == **code, "{}", code.filename);
    }
    assert_eq!(count_of(&codes), image.codes());
    let renamed = image.load(image.codes() - 1, Some("elsewhere".into())).expect("sound");
    assert_eq!(&*renamed.filename, "elsewhere");
    assert!(image.load(image.codes(), None).is_err());
}

fn count_of(codes: &[Arc<Code>]) -> usize {
    fn count(code: &Code) -> usize {
        let nested = code.consts.iter().filter_map(|c| match c {
            Const::Code(inner) => Some(count(inner)),
            _ => None,
        });
        1 + nested.sum::<usize>()
    }
    codes.iter().map(|code| count(code)).sum()
}

/// Looks into everything.
fn walk(code: &Code) {
    for value in &code.consts {
        if let Const::Code(inner) = value {
            walk(inner);
        }
    }
    let _ = (code.located().count(), code.names.len(), code.words.len(), code.live.len());
}

#[test]
fn a_damaged_image_gives_errors() {
    let codes = compiled();
    let size = {
        let mut size = 0;
        image(&codes, |records| size = records.len());
        size
    };
    for at in (0..size).step_by(3) {
        for value in [0u8, 0x7f, 0xff] {
            let (image, numbers) = image(&codes, |records| records[at] = value);
            for number in numbers {
                if let Ok(code) = image.load(number, None) {
                    walk(&code);
                }
            }
        }
    }
}
