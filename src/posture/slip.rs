//! Names that one slip of the pen makes of others.

/// Whether a name is another with one letter wrong, missing, too many or out of its place. What differs
/// in a number is another thing.
pub(super) fn is_slip_of(name: &str, other: &str) -> bool {
    let digits = |text: &str| {
        text.matches(|one: char| one.is_ascii_digit())
            .collect::<String>()
    };
    let (name, other) = (name.to_lowercase(), other.to_lowercase());
    digits(&name) == digits(&other) && strsim::osa_distance(&name, &other) == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_letter_is_a_slip_and_a_number_is_another_name() {
        for slip in ["mbll/orders", "mil/orders", "mill/ordres", "mill/orderss"] {
            assert!(is_slip_of(slip, "mill/orders"), "{slip}");
        }
        for other in ["mill/orders", "mill/orders2", "mill/ord", "mill/folders"] {
            assert!(!is_slip_of(other, "mill/orders"), "{other}");
        }
        assert!(!is_slip_of("mill/app1", "mill/app2"));
    }
}
