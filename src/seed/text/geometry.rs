//! Points and what is made of them.

use crate::seed::types::Kind;

/// The numbers of a shape, whatever brackets stand around them: `(1,2)`, `[(0,0),(1,1)]`, `<(0,0),5>`.
pub fn read(text: &str, kind: Kind) -> Option<Vec<u8>> {
    let plain: String = text.chars().filter(|c| !matches!(c, '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>')).collect();
    let numbers: Option<Vec<f64>> = plain.split(',').map(|number| number.trim().parse().ok()).collect();
    let numbers = numbers?;
    let points = (numbers.len() / 2) as u32;
    let even = numbers.len() % 2 == 0;
    let head: Vec<u8> = match (kind, numbers.len()) {
        (Kind::Point, 2) | (Kind::Line | Kind::Circle, 3) | (Kind::Lseg | Kind::Box, 4) => Vec::new(),
        (Kind::Polygon, 2..) if even => points.to_be_bytes().to_vec(),
        (Kind::Path, 2..) if even => {
            let closed = u8::from(!text.starts_with('['));
            [[closed].as_slice(), &points.to_be_bytes()].concat()
        }
        _ => return None,
    };
    Some(head.into_iter().chain(numbers.iter().flat_map(|number| number.to_be_bytes())).collect())
}

/// As the server prints it, but for the shortest digits of a number where it chooses an exponent.
pub fn print(kind: Kind, value: &[u8]) -> String {
    let head = match kind {
        Kind::Polygon => 4,
        Kind::Path => 5,
        _ => 0,
    };
    let bytes = value.get(head..).unwrap_or_default();
    let numbers: Vec<f64> =
        bytes.chunks_exact(8).map(|eight| f64::from_be_bytes(std::array::from_fn(|place| eight[place]))).collect();
    let points = || {
        let points: Vec<String> = numbers.chunks_exact(2).map(|pair| format!("({},{})", pair[0], pair[1])).collect();
        points.join(",")
    };
    match (kind, numbers.as_slice()) {
        (Kind::Circle, [x, y, radius]) => format!("<({x},{y}),{radius}>"),
        (Kind::Line, [a, b, c]) => format!("{{{a},{b},{c}}}"),
        (Kind::Lseg, _) => format!("[{}]", points()),
        (Kind::Path, _) if value.first() == Some(&0) => format!("[{}]", points()),
        (Kind::Path | Kind::Polygon, _) => format!("({})", points()),
        _ => points(),
    }
}
