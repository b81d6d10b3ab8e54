//! `_opcode_native`: the instruction table as rows, for `opcode` and `dis`.
//! CPython's counterpart: `Modules/_opcode.c`.

use stackless_bytecode::dis::word_is_name;
use stackless_bytecode::isa::{OPS, Operand, op};
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{PyResult, Ref, Value, Vm};

use crate::Native;

pub const MODULE: Native = Native { name: "_opcode_native", defs: DEFS, fill };

fn fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

fn kind(operand: Operand) -> &'static str {
    match operand {
        Operand::None => "",
        Operand::Dst => "dst",
        Operand::Src => "src",
        Operand::Reg => "reg",
        Operand::Peek => "peek",
        Operand::Temp => "temp",
        Operand::Local => "local",
        Operand::Const => "const",
        Operand::Name => "name",
        Operand::Int => "int",
        Operand::Jump => "jump",
        Operand::Imm => "imm",
        Operand::Jump16 => "jump16",
        Operand::Num => "num",
    }
}

const DEFS: &[Def] = &[
    // Rows: number, name, count of variants, operand kinds, extra words, what word 1 is, doc.
    def!("table", "()", |vm, _| {
        let rows = OPS
            .iter()
            .map(|row| {
                let kinds = row.operands.iter().map(|o| vm.intern(kind(*o))).collect();
                let word = if word_is_name(row.base) {
                    "name"
                } else if matches!(row.base, op::CALL_KW | op::CALL_METHOD_KW) {
                    "const"
                } else if row.base == op::UNPACK_EX {
                    "num"
                } else {
                    ""
                };
                let values = vec![
                    Value::from_i32(row.base.into()),
                    vm.intern(row.name),
                    Value::from_i32(1 << row.variants),
                    vm.tuple(kinds),
                    Value::from_i32(row.words.into()),
                    vm.intern(word),
                    vm.str(row.doc),
                ];
                vm.tuple(values)
            })
            .collect();
        Ok(vm.list(rows).into())
    }),
    // What a disassembly needs of a code object beyond its attributes: number of the first
    // temporary, names and kinds of the registers below it.
    def!("registers", "(code, /)", |vm, a| {
        use stackless_bytecode::code::LocalKind as K;
        let Some(code) = a[0].get::<stackless_runtime::objects::code::PyCode>() else {
            let t = vm.type_name(&a[0]);
            return Err(vm.type_error(format!("expected a code object, not {t}")));
        };
        let code = code.code.clone();
        let names = code
            .local_names
            .iter()
            .zip(&code.local_kinds)
            .map(|(name, kind)| {
                let kind = match kind {
                    K::Fast => "fast",
                    K::Cell => "cell",
                    K::Free => "free",
                    K::Hidden => "hidden",
                    K::HiddenCell => "hidden cell",
                };
                let row = vec![vm.intern(name), vm.intern(kind)];
                vm.tuple(row)
            })
            .collect();
        let row = vec![Value::from_i32(code.first_temp.into()), vm.list(names)];
        Ok(vm.tuple(row).into())
    }),
];
