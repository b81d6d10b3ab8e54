//! Heap numbers: ints beyond 63 bits, floats without an immediate form, complex numbers.

use stackless_primitives::int::BigInt;

use crate::object::Payload;
use crate::value::Value;
use crate::vm::Vm;

/// An int that has no immediate form, or an instance of an int subclass (any size).
#[derive(Payload)]
#[payload(layout = INT, leaf)]
pub struct Int(#[payload(foreign)] pub BigInt);
/// A float that has no immediate form, or an instance of a float subclass.
#[derive(Payload)]
#[payload(layout = FLOAT, leaf)]
pub struct Float(pub f64);
#[derive(Payload)]
#[payload(layout = COMPLEX, leaf)]
pub struct Complex {
    pub re: f64,
    pub im: f64,
}

impl Vm {
    #[inline(always)]
    pub fn int(&self, value: i64) -> Value {
        match Value::small_int(value) {
            Some(v) => v,
            None => self.alloc(&self.types.int, Int(BigInt::from(value))).into_value(),
        }
    }
    pub fn big_int(&self, value: BigInt) -> Value {
        match value.to_small() {
            Some(i) => self.int(i),
            None => self.alloc(&self.types.int, Int(value)).into_value(),
        }
    }
    pub fn uint(&self, value: u64) -> Value {
        match i64::try_from(value) {
            Ok(i) => self.int(i),
            Err(_) => self.big_int(BigInt::from(value)),
        }
    }
    pub(crate) fn big_int_from_le_bytes(&self, bytes: &[u8]) -> Value {
        self.big_int(BigInt::from_bytes(bytes, stackless_primitives::int::ByteOrder::Little, true))
    }
    #[inline(always)]
    pub fn float(&self, value: f64) -> Value {
        match Value::small_float(value) {
            Some(v) => v,
            None => self.alloc(&self.types.float, Float(value)).into_value(),
        }
    }
    pub fn complex(&self, re: f64, im: f64) -> Value {
        self.alloc(&self.types.complex, Complex { re, im }).into_value()
    }
}

impl Value {
    /// The float of a float or float subclass.
    #[inline(always)]
    pub fn as_float(&self) -> Option<f64> {
        match self.as_small_float() {
            Some(f) => Some(f),
            None => self.get::<Float>().map(|f| f.0),
        }
    }
    /// The int (bool and int subclasses included) if it fits in 64 bits.
    pub fn as_i64(&self) -> Option<i64> {
        if let Some(i) = self.as_small_int() {
            return Some(i);
        }
        if self.is_bool() {
            return Some(self.is_true() as i64);
        }
        self.get::<Int>()?.0.to_i64()
    }
    /// The int (bool and int subclasses included) as a big integer.
    pub fn as_big(&self) -> Option<BigInt> {
        if let Some(i) = self.as_small_int() {
            return Some(BigInt::from(i));
        }
        if self.is_bool() {
            return Some(BigInt::from(self.is_true() as i64));
        }
        self.get::<Int>().map(|i| i.0.clone())
    }
    /// Is it an int, bool or int subclass?
    pub fn is_int_like(&self) -> bool {
        self.is_int() || self.is_bool() || self.has::<Int>()
    }
    /// The int saturated to the range of i64: slices and indexes.
    pub fn as_i64_saturating(&self) -> Option<i64> {
        if let Some(i) = self.as_i64() {
            return Some(i);
        }
        self.get::<Int>().map(|i| i.0.to_i64_saturating())
    }
}

/// `complex ** complex`.
pub fn complex_pow(vm: &mut Vm, a: (f64, f64), b: (f64, f64)) -> crate::exc::Flow {
    use stackless_primitives::complex::{Complex, pow};
    match pow(Complex { re: a.0, im: a.1 }, Complex { re: b.0, im: b.1 }) {
        Ok(c) => Ok(vm.complex(c.re, c.im).into()),
        Err(e) => Err(vm.primitive_error(e)),
    }
}
