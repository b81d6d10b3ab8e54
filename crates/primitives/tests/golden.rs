//! A selection of what scripts/compare.py compares with CPython 3.14 (made with GOLDEN=file).

#[path = "../examples/oracle.rs"]
#[allow(dead_code)]
mod oracle;

#[test]
fn answers_are_cpythons() {
    let mut wrong = Vec::new();
    for line in include_str!("golden.tsv").lines() {
        let (input, want) = line.split_once("\t=>\t").expect("a line has an answer");
        let got = oracle::run(input);
        if got != want {
            wrong.push(format!("{input}\n  want {want}\n  got  {got}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
