//! Unicode 3.2.0, as `unicodedata.ucd_3_2_0` offers it for IDNA: the differences from 16.0.

use super::normalize::normalize_with;
use super::{DbRecord, Form, db_record, tables as t};
use std::borrow::Cow;

/// The 3.2.0 database.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ucd32;

const UNASSIGNED: DbRecord =
    DbRecord { category: 0, bidi: 0, combining: 0, width: 5, mirrored: false };

/// Whether the code point was assigned in 3.2.0, given that unassigned ones answer for nothing.
pub fn is_assigned_in_32(cp: u32) -> bool {
    !is_new(cp) && db_record(cp).category != 0
}

fn is_new(cp: u32) -> bool {
    let i = t::V32_UNASSIGNED.partition_point(|r| r.1 < cp);
    t::V32_UNASSIGNED.get(i).is_some_and(|r| r.0 <= cp)
}

fn record(cp: u32) -> DbRecord {
    if is_new(cp) {
        return UNASSIGNED;
    }
    match t::V32_CHANGED.binary_search_by_key(&cp, |r| r.0) {
        Ok(i) => t::V32_CHANGED[i].1,
        Err(_) => *db_record(cp),
    }
}

impl Ucd32 {
    pub const VERSION: &'static str = "3.2.0";

    pub fn category(self, cp: u32) -> &'static str {
        t::CATEGORIES[record(cp).category as usize]
    }

    pub fn bidirectional(self, cp: u32) -> &'static str {
        t::BIDI_CLASSES[record(cp).bidi as usize]
    }

    pub fn combining(self, cp: u32) -> u8 {
        record(cp).combining
    }

    pub fn mirrored(self, cp: u32) -> bool {
        record(cp).mirrored
    }

    pub fn east_asian_width(self, cp: u32) -> &'static str {
        t::EAST_ASIAN_WIDTHS[record(cp).width as usize]
    }

    pub fn decomposition(self, cp: u32) -> String {
        if is_new(cp) { String::new() } else { super::decomposition(cp) }
    }

    pub fn decimal(self, cp: u32) -> Option<u8> {
        if is_new(cp) {
            return None;
        }
        match t::V32_DECIMAL.binary_search_by_key(&cp, |r| r.0) {
            Ok(i) => u8::try_from(t::V32_DECIMAL[i].1).ok(),
            Err(_) => super::decimal(cp),
        }
    }

    /// CPython does not restrict digit values to what 3.2.0 had assigned.
    pub fn digit(self, cp: u32) -> Option<u8> {
        super::digit(cp)
    }

    pub fn numeric(self, cp: u32) -> Option<f64> {
        if is_new(cp) {
            return None;
        }
        match t::V32_NUMERIC.binary_search_by_key(&cp, |r| r.0) {
            Ok(i) => t::V32_NUMERIC[i].1,
            Err(_) => super::numeric(cp),
        }
    }

    pub fn name(self, cp: u32) -> Option<String> {
        if is_new(cp) { None } else { super::name(cp) }
    }

    pub fn normalize(self, form: Form, text: &[u8]) -> Cow<'_, [u8]> {
        normalize_with(form, text, &|c| {
            if is_new(c) {
                return Some(c);
            }
            let i = t::V32_CORRECTIONS.binary_search_by_key(&c, |r| r.0).ok()?;
            Some(t::V32_CORRECTIONS[i].1)
        })
    }
}
