//! The Mersenne Twister MT19937 as CPython seeds and reads it (Modules/_randommodule.c).

use crate::int::{BigInt, check_bits};
use crate::{Error, Result};

const N: usize = 624;
const M: usize = 397;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mt19937 {
    state: [u32; N],
    index: usize,
}

impl Mt19937 {
    /// Seeds with one number, as the reference implementation's `init_genrand`.
    fn from_u32(seed: u32) -> Self {
        let mut state = [0u32; N];
        state[0] = seed;
        for i in 1..N {
            let prev = state[i - 1];
            state[i] = (prev ^ (prev >> 30)).wrapping_mul(1_812_433_253).wrapping_add(i as u32);
        }
        Self { state, index: N }
    }

    /// Seeds with an array of numbers (`init_by_array`). An empty key counts as one zero.
    pub fn from_key(key: &[u32]) -> Self {
        let key = if key.is_empty() { &[0] } else { key };
        let mut mt = Self::from_u32(19_650_218);
        let s = &mut mt.state;
        let (mut i, mut j) = (1, 0);
        let mixed = |prev: u32| prev ^ (prev >> 30);
        for _ in 0..N.max(key.len()) {
            s[i] = (s[i] ^ mixed(s[i - 1]).wrapping_mul(1_664_525))
                .wrapping_add(key[j])
                .wrapping_add(j as u32);
            i += 1;
            j += 1;
            if i >= N {
                s[0] = s[N - 1];
                i = 1;
            }
            if j >= key.len() {
                j = 0;
            }
        }
        for _ in 0..N - 1 {
            s[i] = (s[i] ^ mixed(s[i - 1]).wrapping_mul(1_566_083_941)).wrapping_sub(i as u32);
            i += 1;
            if i >= N {
                s[0] = s[N - 1];
                i = 1;
            }
        }
        s[0] = 0x8000_0000;
        mt
    }

    /// `random.seed(int)`: the magnitude, in 32-bit pieces. Other seeds are their hash, unsigned.
    pub fn from_int(seed: &BigInt) -> Self {
        let mut key: Vec<u32> =
            seed.magnitude().iter().flat_map(|&w| [w as u32, (w >> 32) as u32]).collect();
        while key.last() == Some(&0) {
            key.pop();
        }
        Self::from_key(&key)
    }

    pub fn next_u32(&mut self) -> u32 {
        if self.index >= N {
            self.refill();
        }
        let y = self.state[self.index];
        self.index += 1;
        Self::temper(y)
    }

    /// The output that a number of the state stands for.
    #[must_use]
    pub fn temper(mut y: u32) -> u32 {
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }

    fn refill(&mut self) {
        let s = &mut self.state;
        for i in 0..N {
            let y = (s[i] & 0x8000_0000) | (s[(i + 1) % N] & 0x7fff_ffff);
            let mag = if y & 1 == 1 { 0x9908_b0df } else { 0 };
            s[i] = s[(i + M) % N] ^ (y >> 1) ^ mag;
        }
        self.index = 0;
    }

    /// A float in `0.0..1.0` with 53 random bits.
    pub fn random(&mut self) -> f64 {
        let a = f64::from(self.next_u32() >> 5);
        let b = f64::from(self.next_u32() >> 6);
        (a * 67_108_864.0 + b) * (1.0 / 9_007_199_254_740_992.0)
    }

    /// `getrandbits(k)` for `k <= 64`, without a big integer.
    pub fn getrandbits_u64(&mut self, k: u32) -> u64 {
        match k {
            0 => 0,
            1..=32 => u64::from(self.next_u32() >> (32 - k)),
            _ => {
                let low = u64::from(self.next_u32());
                let high = u64::from(self.next_u32() >> (64 - k.min(64)));
                low | high << 32
            }
        }
    }

    pub fn getrandbits(&mut self, k: i64) -> Result<BigInt> {
        let Ok(k) = u64::try_from(k) else {
            return Err(Error::value("number of bits must be non-negative"));
        };
        if k <= 64 {
            return Ok(BigInt::from(self.getrandbits_u64(k as u32)));
        }
        check_bits(u128::from(k))?;
        let mut left = k;
        let mut words = Vec::with_capacity(k.div_ceil(64) as usize);
        while left > 0 {
            let n = left.min(64);
            words.push(self.getrandbits_u64(n as u32));
            left -= n;
        }
        Ok(BigInt::from_sign_magnitude(false, &words))
    }

    /// The 624 state words and the index, as `getstate` shows them.
    pub fn state(&self) -> (&[u32; N], usize) {
        (&self.state, self.index)
    }

    /// `setstate`: 624 words and an index of 0 to 624.
    pub fn from_state(words: &[u32], index: i64) -> Result<Self> {
        let Ok(state) = <[u32; N]>::try_from(words) else {
            return Err(Error::value("state vector is the wrong size"));
        };
        match usize::try_from(index) {
            Ok(index) if index <= N => Ok(Self { state, index }),
            _ => Err(Error::value("invalid state")),
        }
    }
}
