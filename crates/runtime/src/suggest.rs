//! "Did you mean": the closest name by CPython's edit distance. CPython: `Python/suggestions.c`.

const MOVE: usize = 2;
const CASE: usize = 1;

/// The candidate nearest to `wrong`, if it is near enough.
pub fn best_match<'a>(wrong: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(&str, usize)> = None;
    for c in candidates {
        if c == wrong {
            continue;
        }
        let max = (c.len() + wrong.len() + 3) * MOVE / 6;
        let max = max.min(best.map_or(usize::MAX, |(_, d)| d - 1));
        let d = distance(wrong.as_bytes(), c.as_bytes(), max);
        if d <= max {
            best = Some((c, d));
            if d == 0 {
                break;
            }
        }
    }
    best.map(|(c, _)| c)
}

fn cost(a: u8, b: u8) -> usize {
    if a == b {
        0
    } else if a.eq_ignore_ascii_case(&b) {
        CASE
    } else {
        MOVE
    }
}

fn distance(a: &[u8], b: &[u8], max: usize) -> usize {
    let prefix = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[prefix..], &b[prefix..]);
    let suffix = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - suffix], &b[..b.len() - suffix]);
    if a.len() > 40 || b.len() > 40 {
        return max + 1;
    }
    let mut row: Vec<usize> = (1..=b.len()).map(|i| i * MOVE).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i * MOVE;
        let mut left = (i + 1) * MOVE;
        for (j, y) in b.iter().enumerate() {
            let substitute = diagonal + cost(*x, *y);
            diagonal = row[j];
            left = substitute.min(left.min(diagonal) + MOVE);
            row[j] = left;
        }
    }
    if a.is_empty() { b.len() * MOVE } else { row.last().copied().unwrap_or(a.len() * MOVE) }
}
