//! The host that grants nothing.

use crate::traits::*;

/// Refuses every request with EPERM; a start for hosts that grant little.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeniedHost;

impl FileSystem for DeniedHost {}
impl Descriptors for DeniedHost {}
impl Environment for DeniedHost {}
impl Clock for DeniedHost {}
impl Entropy for DeniedHost {}
impl Terminal for DeniedHost {}
impl Process for DeniedHost {}
impl Scheduling for DeniedHost {}
impl Accounts for DeniedHost {}
impl SystemLog for DeniedHost {}
impl Limits for DeniedHost {}
impl Sharing for DeniedHost {}
impl Signals for DeniedHost {}
impl Poll for DeniedHost {}
impl Network for DeniedHost {}
impl Resolver for DeniedHost {}
impl Host for DeniedHost {}
