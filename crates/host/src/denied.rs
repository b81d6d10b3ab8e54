//! The host that grants nothing.

use crate::traits::*;

/// Refuses every request with EPERM; a start for hosts that grant little.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeniedHost;

impl FileSystem for DeniedHost {}
impl Environment for DeniedHost {}
impl Clock for DeniedHost {}
impl Entropy for DeniedHost {}
impl Terminal for DeniedHost {}
impl Process for DeniedHost {}
impl Network for DeniedHost {}
impl Host for DeniedHost {}
