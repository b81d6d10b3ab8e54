//! `_hash_native`: hash states as capsules, HMAC, key derivation. The modules `_md5`, `_sha1`, `_sha2`,
//! `_sha3`, `_blake2`, `_hmac` and `_hashlib` are Python classes over it (`lib/overlay/_hash_types.py`).
//! CPython's counterparts: `Modules/md5module.c` and its siblings, `Modules/_hashopenssl.c`.

use digest::{Digest, ExtendableOutput, Update, XofReader};
use stackless_runtime::exc::Reply;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::capsule;
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Exc, Flow, PyResult, Ref, Value, Vm};

use crate::Native;
use crate::support::{data, flag, int};

pub const MODULE: Native = Native { name: "_hash_native", defs: DEFS, fill };

fn fill(vm: &mut Vm, d: &Ref<Dict>) -> PyResult<()> {
    // Name, size of the digest (0: chosen at the end), size of a block.
    let rows: Vec<Value> = NAMES
        .iter()
        .map(|(name, digest, block)| {
            let v = vec![vm.str(name), Value::from_usize(*digest), Value::from_usize(*block)];
            vm.tuple(v)
        })
        .collect();
    let rows = vm.tuple(rows);
    d.set_text(vm, "algorithms", rows);
    Ok(())
}

/// MD5 and SHA-1 one after the other, as old TLS used them.
#[derive(Clone, Default)]
struct Both(md5::Md5, sha1::Sha1);

macro_rules! states {
    ($($variant:ident $name:literal $ty:ty, $digest:literal, $block:literal;)*) => {
        #[derive(Clone)]
        enum State {
            $($variant($ty),)*
            Both(Box<Both>),
            Shake128(shake::Shake128),
            Shake256(shake::Shake256),
            Blake2b(Box<blake2b_simd::State>),
            Blake2s(Box<blake2s_simd::State>),
            Hmac(Box<Hmac>),
        }
        const NAMES: &[(&str, usize, usize)] = &[
            $(($name, $digest, $block),)*
            ("md5-sha1", 36, 64),
            ("shake_128", 0, 168),
            ("shake_256", 0, 136),
            ("blake2b", 64, 128),
            ("blake2s", 32, 64),
        ];
        impl State {
            fn new(name: &[u8]) -> Option<State> {
                $(if name == $name.as_bytes() {
                    return Some(State::$variant(Default::default()));
                })*
                Some(match name {
                    b"md5-sha1" => State::Both(Box::default()),
                    b"shake_128" => State::Shake128(Default::default()),
                    b"shake_256" => State::Shake256(Default::default()),
                    b"blake2b" => State::Blake2b(Box::new(blake2b_simd::State::new())),
                    b"blake2s" => State::Blake2s(Box::new(blake2s_simd::State::new())),
                    _ => return None,
                })
            }
            fn update(&mut self, data: &[u8]) {
                match self {
                    $(State::$variant(s) => Update::update(s, data),)*
                    State::Both(s) => {
                        Update::update(&mut s.0, data);
                        Update::update(&mut s.1, data);
                    }
                    State::Shake128(s) => s.update(data),
                    State::Shake256(s) => s.update(data),
                    State::Blake2b(s) => drop(s.update(data)),
                    State::Blake2s(s) => drop(s.update(data)),
                    State::Hmac(s) => s.inner.update(data),
                }
            }
            /// `length` counts for the functions of free length only.
            fn digest(&self, length: usize) -> Vec<u8> {
                match self {
                    $(State::$variant(s) => s.clone().finalize().to_vec(),)*
                    State::Both(s) => {
                        let mut out = s.0.clone().finalize().to_vec();
                        out.extend_from_slice(&s.1.clone().finalize());
                        out
                    }
                    State::Shake128(s) => read(s.clone().finalize_xof(), length),
                    State::Shake256(s) => read(s.clone().finalize_xof(), length),
                    State::Blake2b(s) => s.finalize().as_bytes().to_vec(),
                    State::Blake2s(s) => s.finalize().as_bytes().to_vec(),
                    State::Hmac(s) => {
                        let mut outer = s.outer.clone();
                        outer.update(&s.inner.digest(0));
                        outer.digest(0)
                    }
                }
            }
        }
    };
}

states! {
    Md5 "md5" md5::Md5, 16, 64;
    Sha1 "sha1" sha1::Sha1, 20, 64;
    Sha224 "sha224" sha2::Sha224, 28, 64;
    Sha256 "sha256" sha2::Sha256, 32, 64;
    Sha384 "sha384" sha2::Sha384, 48, 128;
    Sha512 "sha512" sha2::Sha512, 64, 128;
    Sha512a "sha512_224" sha2::Sha512_224, 28, 128;
    Sha512b "sha512_256" sha2::Sha512_256, 32, 128;
    Sha3a "sha3_224" sha3::Sha3_224, 28, 144;
    Sha3b "sha3_256" sha3::Sha3_256, 32, 136;
    Sha3c "sha3_384" sha3::Sha3_384, 48, 104;
    Sha3d "sha3_512" sha3::Sha3_512, 64, 72;
    Ripemd "ripemd160" ripemd::Ripemd160, 20, 64;
    Sm3 "sm3" sm3::Sm3, 32, 64;
}

fn read(mut reader: impl XofReader, length: usize) -> Vec<u8> {
    let mut out = vec![0; length];
    reader.read(&mut out);
    out
}

/// The two hashes of HMAC, both with their keys in.
#[derive(Clone)]
struct Hmac {
    inner: State,
    outer: State,
}

impl Hmac {
    /// None for a name without a fixed digest, or of no hash.
    fn new(name: &[u8], key: &[u8]) -> Option<Hmac> {
        let (_, size, block) = NAMES.iter().find(|(n, ..)| n.as_bytes() == name)?;
        if *size == 0 {
            return None;
        }
        let mut key = key.to_vec();
        if key.len() > *block {
            let mut s = State::new(name)?;
            s.update(&key);
            key = s.digest(0);
        }
        key.resize(*block, 0);
        let (mut inner, mut outer) = (State::new(name)?, State::new(name)?);
        inner.update(&key.iter().map(|b| b ^ 0x36).collect::<Vec<u8>>());
        outer.update(&key.iter().map(|b| b ^ 0x5c).collect::<Vec<u8>>());
        Some(Hmac { inner, outer })
    }

    fn of(&self, parts: &[&[u8]]) -> Vec<u8> {
        let mut inner = self.inner.clone();
        parts.iter().for_each(|p| inner.update(p));
        let mut outer = self.outer.clone();
        outer.update(&inner.digest(0));
        outer.digest(0)
    }

    /// PBKDF2 (RFC 8018, 5.2).
    fn derive(&self, salt: &[u8], iterations: u64, length: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(length);
        let mut block = 1u32;
        while out.len() < length {
            let mut u = self.of(&[salt, &block.to_be_bytes()]);
            let mut t = u.clone();
            for _ in 1..iterations {
                u = self.of(&[&u]);
                t.iter_mut().zip(&u).for_each(|(x, y)| *x ^= y);
            }
            out.extend_from_slice(&t);
            block = block.wrapping_add(1);
        }
        out.truncate(length);
        out
    }
}

fn name_of(v: &Value) -> &[u8] {
    v.as_wtf8().unwrap_or(b"")
}

fn lost(vm: &mut Vm) -> Exc {
    vm.system_error("not a hash state")
}

fn blake2(vm: &mut Vm, a: &[Value]) -> Flow {
    let wide = flag(&a[0], true);
    let (key, salt, person) = (data(vm, &a[2])?, data(vm, &a[3])?, data(vm, &a[4])?);
    let n = |i: usize| int(&a[i]);
    // The ranges were checked by the caller; the libraries would panic on others.
    let (max, small) = if wide { (64, 16) } else { (32, 8) };
    let sizes = key.len() <= max && salt.len() <= small && person.len() <= small;
    let numbers = (1..=max as i64).contains(&n(1))
        && (0..=255).contains(&n(5))
        && (1..=255).contains(&n(6))
        && (0..=255).contains(&n(9))
        && (0..=max as i64).contains(&n(10));
    if !sizes || !numbers {
        return Err(vm.value_error("BLAKE2 parameter out of range"));
    }
    let offset = a[8].as_big().map_or(0, |b| b.to_u64_wrapping());
    let state = if wide {
        let mut p = blake2b_simd::Params::new();
        p.hash_length(n(1) as usize).key(&key).salt(&salt).personal(&person);
        p.fanout(n(5) as u8).max_depth(n(6) as u8).max_leaf_length(n(7) as u32);
        p.node_offset(offset).node_depth(n(9) as u8).inner_hash_length(n(10) as usize);
        p.last_node(flag(&a[11], false));
        State::Blake2b(Box::new(p.to_state()))
    } else {
        let mut p = blake2s_simd::Params::new();
        p.hash_length(n(1) as usize).key(&key).salt(&salt).personal(&person);
        p.fanout(n(5) as u8).max_depth(n(6) as u8).max_leaf_length(n(7) as u32);
        p.node_offset(offset & 0xffff_ffff_ffff).node_depth(n(9) as u8);
        p.inner_hash_length(n(10) as usize).last_node(flag(&a[11], false));
        State::Blake2s(Box::new(p.to_state()))
    };
    Ok(vm.capsule(state).into())
}

/// Comparison in a time that does not depend on the contents.
fn equal(a: &[u8], b: &[u8]) -> bool {
    // The length of the second is what takes the time, as in CPython.
    let mut differ = (a.len() != b.len()) as u8;
    let left = if a.len() == b.len() { a } else { b };
    for (x, y) in left.iter().zip(b) {
        differ |= std::hint::black_box(x ^ y);
    }
    differ == 0
}

const DEFS: &[Def] = &[
    def!("new", "(name: str, /)", |vm, name| match State::new(name_of(name)) {
        Some(s) => Ok(vm.capsule(s).into()),
        None => Ok(Reply::NONE),
    }),
    def!(
        "blake2",
        "(wide, digest_size, key, salt, person, fanout, depth, leaf_size, node_offset, node_depth, \
         inner_size, last_node, /)",
        blake2,
    ),
    def!("hmac", "(name: str, key: buffer, /)", |vm, a| {
        let key = data(vm, &a[1])?;
        match Hmac::new(name_of(&a[0]), &key) {
            Some(h) => Ok(vm.capsule(State::Hmac(Box::new(h))).into()),
            None => Ok(Reply::NONE),
        }
    }),
    def!("update", "(state, data: buffer, /)", |vm, state, data_| {
        let d = data(vm, data_)?;
        match capsule::with(state, |s: &mut State| s.update(&d)) {
            Some(()) => Ok(Reply::NONE),
            None => Err(lost(vm)),
        }
    }),
    def!("digest", "(state, length=0, /)", |vm, a| {
        let length = a[1].given().map_or(0, int).clamp(0, 1 << 30) as usize;
        match capsule::with(&a[0], |s: &mut State| s.digest(length)) {
            Some(d) => Ok(vm.bytes(&d).into()),
            None => Err(lost(vm)),
        }
    }),
    def!("copy", "(state, /)", |vm, state| match capsule::with(state, |s: &mut State| s.clone()) {
        Some(s) => Ok(vm.capsule(s).into()),
        None => Err(lost(vm)),
    }),
    def!(
        "pbkdf2",
        "(name: str, password: buffer, salt: buffer, iterations, length, /)",
        |vm, a| {
            let (password, salt) = (data(vm, &a[1])?, data(vm, &a[2])?);
            let (n, length) = (int(&a[3]).max(1) as u64, int(&a[4]).clamp(0, 1 << 30) as usize);
            match Hmac::new(name_of(&a[0]), &password) {
                Some(h) => Ok(vm.bytes(&h.derive(&salt, n, length)).into()),
                None => Ok(Reply::NONE),
            }
        }
    ),
    // `log_n` is the binary logarithm of CPython's `n`. None: parameters out of range.
    def!("scrypt", "(password: buffer, salt: buffer, log_n, r, p, length, /)", |vm, a| {
        let (password, salt) = (data(vm, &a[0])?, data(vm, &a[1])?);
        let n = |i: usize| u32::try_from(int(&a[i])).unwrap_or(u32::MAX);
        let Ok(params) = scrypt::Params::new(n(2).min(255) as u8, n(3), n(4)) else {
            return Ok(Reply::NONE);
        };
        let mut out = vec![0; n(5) as usize];
        match scrypt::scrypt(&password, &salt, &params, &mut out) {
            Ok(()) => Ok(vm.bytes(&out).into()),
            Err(_) => Ok(Reply::NONE),
        }
    }),
    def!("compare_digest", "(a, b, /)", |vm, a| {
        if let (Some(x), Some(y)) = (a[0].as_wtf8(), a[1].as_wtf8()) {
            if !x.is_ascii() || !y.is_ascii() {
                return Err(
                    vm.type_error("comparing strings with non-ASCII characters is not supported")
                );
            }
            return Ok(equal(x, y).into());
        }
        let (x, y) = (data(vm, &a[0])?, data(vm, &a[1])?);
        Ok(equal(&x, &y).into())
    }),
];
