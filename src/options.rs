//! The command line and the `PYTHON*` variables, with CPython's rules: what they say becomes the
//! fields of `sys.flags` and the start module's orders. CPython's counterpart: `Python/initconfig.c`.

use stackless_runtime::stress::Strategies;

/// Names of the flags that options count up.
type Flag = &'static str;

/// What was asked for.
#[derive(Default)]
pub struct Options {
    pub flags: Vec<(Flag, i64)>,
    pub warn: Vec<String>,
    pub x: Vec<String>,
    pub command: Option<Vec<u8>>,
    pub module: Option<Vec<u8>>,
    pub script: Option<Vec<u8>>,
    /// Arguments of the program.
    pub rest: Vec<Vec<u8>>,
    pub check_pycs: Option<String>,
    pub hash_seed: Option<u64>,
    /// `-X leaks`, which no help text tells of: what lives at the end is printed.
    pub leaks: bool,
    /// `-X memory=BYTES`: the budget of the VM.
    pub memory: Option<usize>,
    /// `-X stress=LIST`, which no help text tells of.
    pub strategies: Strategies,
    version: u32,
    help: Option<&'static str>,
}

/// What the command line is a request for.
pub enum Request {
    Run(Box<Options>),
    /// Print this and leave with success.
    Print(String),
    /// Complain and leave with this status.
    Fail(String, u8),
}

const ENV_HELP: &str = include_str!("help_env.txt");
const X_HELP: &str = include_str!("help_xoptions.txt");
const HELP: &str = include_str!("help.txt");

impl Options {
    fn raise(&mut self, name: Flag) {
        self.at_least(name, self.get(name) + 1);
    }
    fn at_least(&mut self, name: Flag, value: i64) {
        match self.flags.iter_mut().find(|f| f.0 == name) {
            Some(f) => f.1 = f.1.max(value),
            None => self.flags.push((name, value)),
        }
    }
    fn set(&mut self, name: Flag, value: i64) {
        self.flags.retain(|f| f.0 != name);
        self.flags.push((name, value));
    }
    pub fn get(&self, name: &str) -> i64 {
        self.flags.iter().find(|f| f.0 == name).map_or(0, |f| f.1)
    }
    /// The value of a `-X` option: `Some("")` if it was given without one.
    fn x_value(&self, name: &str) -> Option<&str> {
        self.x.iter().rev().find_map(|x| {
            let (n, v) = x.split_once('=').unwrap_or((x, ""));
            (n == name).then_some(v)
        })
    }
}

fn usage(program: &str) -> String {
    format!("usage: {program} [option] ... [-c cmd | -m mod | file | -] [arg] ...")
}

/// Reads the arguments behind the program's name.
fn arguments(o: &mut Options, mut args: std::vec::IntoIter<Vec<u8>>) -> Result<(), String> {
    let lossy = |v: Vec<u8>| String::from_utf8_lossy(&v).into_owned();
    while let Some(raw) = args.next() {
        if raw == b"-" || !raw.starts_with(b"-") {
            o.script = Some(raw);
            break;
        }
        let arg = String::from_utf8_lossy(&raw).into_owned();
        match arg.as_str() {
            "--" => {
                o.script = args.next();
                break;
            }
            "--version" => {
                o.version += 1;
                continue;
            }
            "--help" => o.help = Some("help"),
            "--help-env" => o.help = Some("env"),
            "--help-xoptions" => o.help = Some("x"),
            "--help-all" => o.help = Some("all"),
            "--check-hash-based-pycs" => {
                let missing = "Argument expected for the --check-hash-based-pycs option";
                let value = lossy(args.next().ok_or(missing)?);
                if !matches!(value.as_str(), "always" | "never" | "default") {
                    return Err("--check-hash-based-pycs must be one of 'default', 'always', or \
                                'never'"
                        .into());
                }
                o.check_pycs = Some(value);
                continue;
            }
            long if long.starts_with("--") => return Err(format!("Unknown option: {long}")),
            _ => {}
        }
        if o.help.is_some() {
            return Ok(());
        }
        for (i, c) in arg.char_indices().skip(1) {
            // Option letters in front of a value are ASCII: the offset is the raw one's, too.
            let mut value = || {
                let rest = raw.get(i + 1..).unwrap_or_default();
                let found = if rest.is_empty() { args.next() } else { Some(rest.to_vec()) };
                found.ok_or_else(|| format!("Argument expected for the -{c} option"))
            };
            match c {
                'c' => {
                    o.command = Some(value()?);
                    o.rest = args.collect();
                    return Ok(());
                }
                'm' => {
                    o.module = Some(value()?);
                    o.rest = args.collect();
                    return Ok(());
                }
                'W' => {
                    let v = value()?;
                    o.warn.push(lossy(v));
                    break;
                }
                'X' => {
                    let v = value()?;
                    o.x.push(lossy(v));
                    break;
                }
                'O' => o.raise("optimize"),
                'E' => o.raise("ignore_environment"),
                'I' => {
                    for f in ["isolated", "ignore_environment", "no_user_site", "safe_path"] {
                        o.raise(f);
                    }
                }
                's' => o.raise("no_user_site"),
                'S' => o.raise("no_site"),
                'P' => o.raise("safe_path"),
                'B' => o.raise("dont_write_bytecode"),
                'b' => o.raise("bytes_warning"),
                'd' => o.raise("debug"),
                'i' => {
                    o.raise("inspect");
                    o.raise("interactive");
                }
                'q' => o.raise("quiet"),
                'u' => o.set("unbuffered", 1),
                'v' => o.raise("verbose"),
                'x' => o.set("skip_first_line", 1),
                'V' => o.version += 1,
                'h' | '?' => {
                    o.help = Some("help");
                    return Ok(());
                }
                'R' => o.set("random_hashes", 1),
                // Accepted and without effect, as in CPython.
                't' => {}
                'J' => return Err("-J is reserved for Jython".into()),
                _ => return Err(format!("Unknown option: -{c}")),
            }
        }
    }
    o.rest = args.collect();
    Ok(())
}

/// A variable that is set and not empty.
fn variable(name: &str) -> Option<String> {
    std::env::var_os(name).map(|v| v.to_string_lossy().into_owned()).filter(|v| !v.is_empty())
}

fn limit(text: &str) -> Option<i64> {
    text.parse().ok().filter(|n| *n == 0 || (640..=i64::from(i32::MAX)).contains(n))
}

fn environment(o: &mut Options) -> Result<(), String> {
    // A number counts as such; any other text counts as 1.
    const COUNTED: &[(&str, Flag)] = &[
        ("PYTHONDEBUG", "debug"),
        ("PYTHONVERBOSE", "verbose"),
        ("PYTHONOPTIMIZE", "optimize"),
        ("PYTHONINSPECT", "inspect"),
        ("PYTHONDONTWRITEBYTECODE", "dont_write_bytecode"),
        ("PYTHONNOUSERSITE", "no_user_site"),
    ];
    for (name, flag) in COUNTED {
        if let Some(value) = variable(name) {
            o.at_least(flag, value.parse::<i64>().ok().filter(|n| *n >= 0).unwrap_or(1));
        }
    }
    if variable("PYTHONSAFEPATH").is_some() {
        o.at_least("safe_path", 1);
    }
    if variable("PYTHONUNBUFFERED").is_some() {
        o.set("unbuffered", 1);
    }
    if variable("PYTHONDEVMODE").is_some() && o.x_value("dev").is_none() {
        o.set("dev_mode", 1);
    }
    if variable("PYTHONWARNDEFAULTENCODING").is_some() {
        o.set("warn_default_encoding", 1);
    }
    if let Some(seed) = variable("PYTHONHASHSEED").filter(|s| s != "random") {
        match seed.parse::<u32>() {
            Ok(n) => o.hash_seed = Some(n.into()),
            Err(_) => {
                return Err("PYTHONHASHSEED must be \"random\" or an integer in range \
                            [0; 4294967295]"
                    .into());
            }
        }
    }
    if let Some(value) = variable("PYTHONINTMAXSTRDIGITS")
        && o.x_value("int_max_str_digits").is_none()
    {
        match limit(&value) {
            Some(n) => o.set("int_max_str_digits", n),
            None => {
                return Err("PYTHONINTMAXSTRDIGITS: invalid limit; must be >= 640 or 0 for \
                            unlimited."
                    .into());
            }
        }
    }
    if let Some(value) = variable("PYTHONUTF8")
        && o.x_value("utf8").is_none()
    {
        match value.as_str() {
            "0" | "1" => o.set("utf8_mode", i64::from(value == "1")),
            _ => return Err("invalid PYTHONUTF8 environment variable value".into()),
        }
    }
    Ok(())
}

/// Whether the locale that the environment names is C's, which turns the UTF-8 mode on.
fn is_c_locale() -> bool {
    let name = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|n| variable(n));
    name.is_none_or(|n| n == "C" || n == "POSIX")
}

fn x_options(o: &mut Options) -> Result<(), String> {
    if o.x_value("dev").is_some() {
        o.set("dev_mode", 1);
    }
    if o.x_value("warn_default_encoding").is_some() {
        o.set("warn_default_encoding", 1);
    }
    if let Some(value) = o.x_value("int_max_str_digits") {
        match limit(value) {
            Some(n) => o.set("int_max_str_digits", n),
            None => {
                return Err("-X int_max_str_digits: invalid limit; must be >= 640 or 0 for \
                            unlimited."
                    .into());
            }
        }
    }
    o.leaks = o.x_value("leaks").is_some();
    if let Some(value) = o.x_value("memory") {
        let bytes = value.parse().map_err(|_| "-X memory=BYTES: invalid number of bytes")?;
        o.memory = Some(bytes);
    }
    if let Some(value) = o.x_value("stress") {
        o.strategies = Strategies::parse(value).map_err(|e| format!("-X stress: {e}"))?;
    }
    match o.x_value("utf8") {
        None => {}
        Some("" | "1") => o.set("utf8_mode", 1),
        Some("0") => o.set("utf8_mode", 0),
        Some(_) => return Err("invalid -X utf8 option value".into()),
    }
    Ok(())
}

/// Reads everything; `program` is the name for messages.
pub fn read(program: &str, args: Vec<Vec<u8>>) -> Request {
    let mut o = Options::default();
    if let Err(text) = arguments(&mut o, args.into_iter()) {
        let usage = usage(program);
        return Request::Fail(format!("{text}\n{usage}\nTry `python -h' for more information."), 2);
    }
    match o.help {
        Some("env") => return Request::Print(ENV_HELP.trim_end().into()),
        Some("x") => return Request::Print(X_HELP.trim_end().into()),
        Some(which) => {
            let mut text = format!("{}\n{}", usage(program), HELP.trim_end());
            if which == "all" {
                text = format!("{text}\n\n{}\n\n{}", ENV_HELP.trim_end(), X_HELP.trim_end());
            }
            return Request::Print(text);
        }
        None => {}
    }
    if o.version > 0 {
        let mut text = "Python 3.14.0".to_string();
        if o.version > 1 {
            text.push_str(concat!(" (Stackless ", env!("CARGO_PKG_VERSION"), ") [Rust]"));
        }
        return Request::Print(text);
    }
    let fatal = |text: String| {
        Request::Fail(
            format!(
                "Fatal Python error: config_init: {text}\nPython runtime state: preinitialized"
            ),
            1,
        )
    };
    o.set("utf8_mode", is_c_locale().into());
    if o.get("ignore_environment") == 0
        && let Err(text) = environment(&mut o)
    {
        return fatal(text);
    }
    if let Err(text) = x_options(&mut o) {
        return fatal(text);
    }
    if o.get("random_hashes") != 0 {
        o.hash_seed = None;
    }
    o.set("hash_randomization", i64::from(o.hash_seed != Some(0)));
    Request::Run(Box::new(o))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(args: &[&str]) -> Options {
        match read("python", args.iter().map(|a| a.as_bytes().to_vec()).collect()) {
            Request::Run(o) => *o,
            Request::Print(text) | Request::Fail(text, _) => panic!("{text}"),
        }
    }

    #[test]
    fn clusters_and_values() {
        let o = run(&["-EOOqWerror", "-X", "dev", "-mjson.tool", "-x", "y"]);
        assert_eq!((o.get("optimize"), o.get("quiet"), o.get("dev_mode")), (2, 1, 1));
        assert_eq!(o.warn, ["error"]);
        assert_eq!((o.module.as_deref(), o.rest.len()), (Some(&b"json.tool"[..]), 2));
    }

    #[test]
    fn errors() {
        for args in [&["-z"][..], &["-c"], &["--foo"], &["-X"]] {
            let args = args.iter().map(|a| a.as_bytes().to_vec()).collect();
            assert!(matches!(read("python", args), Request::Fail(_, 2)));
        }
    }
}
