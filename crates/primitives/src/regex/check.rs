//! The check of a pattern's code, which programs can make up, before it is translated: every skip
//! lands inside its own block, every block ends as it must, every number is in range.
//!
//! The layout of the code is that of the library's `re/_compiler.py`. CPython's counterpart: the
//! validator of `Modules/_sre/sre.c`.

/// Nested blocks; the library's compiler cannot nest deeper by far.
const MAX_DEPTH: u32 = 5000;
/// Groups of one pattern.
const MAX_GROUPS: u32 = 1 << 20;

pub(super) mod op {
    pub const FAILURE: u32 = 0;
    pub const SUCCESS: u32 = 1;
    pub const ANY: u32 = 2;
    pub const ANY_ALL: u32 = 3;
    pub const ASSERT: u32 = 4;
    pub const ASSERT_NOT: u32 = 5;
    pub const AT: u32 = 6;
    pub const BRANCH: u32 = 7;
    pub const CATEGORY: u32 = 8;
    pub const CHARSET: u32 = 9;
    pub const BIGCHARSET: u32 = 10;
    pub const GROUPREF: u32 = 11;
    pub const GROUPREF_EXISTS: u32 = 12;
    pub const IN: u32 = 13;
    pub const INFO: u32 = 14;
    pub const JUMP: u32 = 15;
    pub const LITERAL: u32 = 16;
    pub const MARK: u32 = 17;
    pub const MAX_UNTIL: u32 = 18;
    pub const MIN_UNTIL: u32 = 19;
    pub const NOT_LITERAL: u32 = 20;
    pub const NEGATE: u32 = 21;
    pub const RANGE: u32 = 22;
    pub const REPEAT: u32 = 23;
    pub const REPEAT_ONE: u32 = 24;
    pub const MIN_REPEAT_ONE: u32 = 26;
    pub const ATOMIC_GROUP: u32 = 27;
    pub const POSSESSIVE_REPEAT: u32 = 28;
    pub const POSSESSIVE_REPEAT_ONE: u32 = 29;
    pub const GROUPREF_IGNORE: u32 = 30;
    pub const IN_IGNORE: u32 = 31;
    pub const LITERAL_IGNORE: u32 = 32;
    pub const NOT_LITERAL_IGNORE: u32 = 33;
    pub const GROUPREF_LOC_IGNORE: u32 = 34;
    pub const IN_LOC_IGNORE: u32 = 35;
    pub const LITERAL_LOC_IGNORE: u32 = 36;
    pub const NOT_LITERAL_LOC_IGNORE: u32 = 37;
    pub const GROUPREF_UNI_IGNORE: u32 = 38;
    pub const IN_UNI_IGNORE: u32 = 39;
    pub const LITERAL_UNI_IGNORE: u32 = 40;
    pub const NOT_LITERAL_UNI_IGNORE: u32 = 41;
    pub const RANGE_UNI_IGNORE: u32 = 42;
}

const AT_CODES: u32 = 12;
const CATEGORIES: u32 = 18;
const INFO_PREFIX: u32 = 1;
const INFO_CHARSET: u32 = 4;

struct Check<'a> {
    code: &'a [u32],
    /// Groups whose marks the code sets.
    groups: u32,
}

/// May the matcher run this code?
pub fn is_sound(code: &[u32]) -> bool {
    let Some((&last, body)) = code.split_last() else { return false };
    let mut check = Check { code, groups: MAX_GROUPS };
    let run = |check: &Check<'_>| {
        let start = check.info()?;
        check.block(start, body.len(), 0).filter(|end| *end == body.len())
    };
    // The first pass finds the highest mark, the second one holds group references against it.
    if last != op::SUCCESS || run(&check).is_none() {
        return false;
    }
    check.groups = check.highest_mark(0, body.len()).map_or(0, |m| m / 2 + 1);
    run(&check).is_some()
}

impl Check<'_> {
    fn at(&self, i: usize) -> Option<u32> {
        self.code.get(i).copied()
    }

    /// Where a skip stored at `i` leads, within `end`.
    fn skip(&self, i: usize, end: usize) -> Option<usize> {
        let to = i.checked_add(self.at(i)? as usize)?;
        if to > i && to <= end { Some(to) } else { None }
    }

    /// The information block at the start, if there is one; gives the position behind it.
    fn info(&self) -> Option<usize> {
        if self.at(0)? != op::INFO {
            return Some(0);
        }
        let end = self.skip(1, self.code.len())?;
        let flags = self.at(2)?;
        let (least, most) = (self.at(3)?, self.at(4)?);
        if least > most || end < 5 {
            return None;
        }
        let mut i = 5;
        if flags & INFO_PREFIX != 0 {
            let (length, overlap) = (self.at(i)?, self.at(i + 1)?);
            let table = i + 2 + length as usize;
            if overlap > length || table.checked_add(length as usize)? > end {
                return None;
            }
            if !(0..length as usize).all(|k| self.at(table + k).is_some_and(|n| n < length.max(1)))
            {
                return None;
            }
            i = table + length as usize;
        } else if flags & INFO_CHARSET != 0 {
            self.charset(i, end)?;
            i = end;
        }
        if i == end { Some(end) } else { None }
    }

    /// A character set that fills `start..end`.
    fn charset(&self, start: usize, end: usize) -> Option<()> {
        let mut i = start;
        while i < end {
            let code = self.at(i)?;
            i += 1;
            match code {
                op::FAILURE => return if i == end { Some(()) } else { None },
                op::NEGATE => {}
                op::LITERAL => i += 1,
                op::RANGE | op::RANGE_UNI_IGNORE => i += 2,
                op::CATEGORY if self.at(i)? < CATEGORIES => i += 1,
                op::CHARSET => i += 8,
                op::BIGCHARSET => {
                    let blocks = self.at(i)?;
                    let table = self.code.get(i + 1..i + 65)?;
                    if table.iter().flat_map(|w| w.to_ne_bytes()).any(|b| u32::from(b) >= blocks) {
                        return None;
                    }
                    i = (i + 65).checked_add((blocks as usize).checked_mul(8)?)?;
                }
                _ => return None,
            }
        }
        None
    }

    /// Instructions from `i`; gives where they end: at `end`, or at a jump that ends a branch.
    fn block(&self, mut i: usize, end: usize, depth: u32) -> Option<usize> {
        if depth > MAX_DEPTH || end > self.code.len() {
            return None;
        }
        while i < end {
            let code = self.at(i)?;
            match code {
                op::JUMP => return Some(i),
                op::FAILURE | op::SUCCESS | op::ANY | op::ANY_ALL => i += 1,
                op::LITERAL
                | op::NOT_LITERAL
                | op::LITERAL_IGNORE
                | op::NOT_LITERAL_IGNORE
                | op::LITERAL_LOC_IGNORE
                | op::NOT_LITERAL_LOC_IGNORE
                | op::LITERAL_UNI_IGNORE
                | op::NOT_LITERAL_UNI_IGNORE => i += 2,
                op::AT if self.at(i + 1)? < AT_CODES => i += 2,
                op::CATEGORY if self.at(i + 1)? < CATEGORIES => i += 2,
                op::MARK if self.at(i + 1)? / 2 < self.groups => i += 2,
                op::GROUPREF
                | op::GROUPREF_IGNORE
                | op::GROUPREF_LOC_IGNORE
                | op::GROUPREF_UNI_IGNORE
                    if self.at(i + 1)? < self.groups =>
                {
                    i += 2;
                }
                op::IN | op::IN_IGNORE | op::IN_LOC_IGNORE | op::IN_UNI_IGNORE => {
                    let next = self.skip(i + 1, end)?;
                    self.charset(i + 2, next)?;
                    i = next;
                }
                op::REPEAT | op::POSSESSIVE_REPEAT => {
                    let next = self.skip(i + 1, end)?;
                    self.counts(i)?;
                    self.whole(i + 4, next, depth)?;
                    let until = self.at(next)?;
                    let fits = match code {
                        op::REPEAT => until == op::MAX_UNTIL || until == op::MIN_UNTIL,
                        _ => until == op::SUCCESS,
                    };
                    if next >= end || !fits {
                        return None;
                    }
                    i = next + 1;
                }
                op::REPEAT_ONE | op::MIN_REPEAT_ONE | op::POSSESSIVE_REPEAT_ONE => {
                    self.counts(i)?;
                    i = self.closed(i + 1, i + 4, end, depth)?;
                }
                op::ATOMIC_GROUP => i = self.closed(i + 1, i + 2, end, depth)?,
                op::ASSERT | op::ASSERT_NOT => i = self.closed(i + 1, i + 3, end, depth)?,
                op::BRANCH => i = self.branch(i + 1, end, depth)?,
                op::GROUPREF_EXISTS if self.at(i + 1)? < self.groups => {
                    i = self.condition(i + 2, end, depth)?;
                }
                _ => return None,
            }
        }
        if i == end { Some(end) } else { None }
    }

    /// Instructions that fill `start..end`.
    fn whole(&self, start: usize, end: usize, depth: u32) -> Option<()> {
        if start > end {
            return None;
        }
        self.block(start, end, depth + 1).filter(|to| *to == end).map(|_| ())
    }

    /// The least and the greatest number of repetitions of the instruction at `i`.
    fn counts(&self, i: usize) -> Option<()> {
        if self.at(i + 2)? <= self.at(i + 3)? { Some(()) } else { None }
    }

    /// A block with its skip at `skip` that begins at `start` and ends with SUCCESS.
    fn closed(&self, skip: usize, start: usize, end: usize, depth: u32) -> Option<usize> {
        let next = self.skip(skip, end)?;
        if self.at(next - 1)? != op::SUCCESS {
            return None;
        }
        self.whole(start, next - 1, depth)?;
        Some(next)
    }

    /// Alternatives, each with its skip, its block and a jump behind all of them.
    fn branch(&self, mut i: usize, end: usize, depth: u32) -> Option<usize> {
        let mut target = None;
        while self.at(i)? != 0 {
            let next = self.skip(i, end)?;
            if next < i + 3 || self.at(next - 2)? != op::JUMP {
                return None;
            }
            self.whole(i + 1, next - 2, depth)?;
            let to = self.skip(next - 1, end)?;
            if *target.get_or_insert(to) != to {
                return None;
            }
            i = next;
        }
        if target.is_none_or(|t| t == i + 1) && i < end { Some(i + 1) } else { None }
    }

    /// `(?(group)yes|no)` with its skip at `i`.
    fn condition(&self, i: usize, end: usize, depth: u32) -> Option<usize> {
        let yes = (i + self.at(i)? as usize).checked_sub(1).filter(|y| *y > i && *y <= end)?;
        let stopped = self.block(i + 1, yes, depth + 1)?;
        if stopped == yes {
            return Some(yes);
        }
        if stopped + 2 != yes {
            return None;
        }
        let no = self.skip(yes - 1, end)?;
        self.whole(yes, no, depth)?;
        Some(no)
    }

    /// The highest mark among instructions whose shape has been checked.
    fn highest_mark(&self, start: usize, end: usize) -> Option<u32> {
        // Other words may look like a mark: that only makes the bound of group references wider,
        // and the matcher's marks grow as they are asked for.
        self.code[start..end]
            .windows(2)
            .filter(|w| w[0] == op::MARK)
            .map(|w| w[1])
            .filter(|m| *m < 2 * MAX_GROUPS)
            .max()
    }
}

#[cfg(test)]
mod tests {
    use super::is_sound;

    #[test]
    fn accepts_what_the_compiler_makes() {
        // a|bc, [a-z]+?, (x)\1
        assert!(is_sound(&[14, 4, 0, 1, 2, 7, 5, 16, 97, 15, 9, 7, 16, 98, 16, 99, 15, 2, 0, 1]));
        assert!(is_sound(&[16, 97, 1]));
        assert!(is_sound(&[17, 0, 16, 120, 17, 1, 11, 0, 1]));
    }

    #[test]
    fn refuses_what_leads_astray() {
        for code in [
            &[][..],
            &[16, 97],
            &[16],
            &[15, 1000, 1],
            &[7, 500, 0, 1],
            &[13, 9, 16, 97, 1],
            &[24, 6, 1, 0, 16, 97, 1, 1],
            &[11, 3, 1],
            &[23, 5, 0, 1, 16, 97, 1],
            &[10, 1, 1],
            &[6, 99, 1],
            &[43, 1],
            &[14, 3, 1, 0, 1, 1],
        ] {
            assert!(!is_sound(code), "{code:?}");
        }
    }
}
