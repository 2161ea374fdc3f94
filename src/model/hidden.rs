//! Characters that hide, reorder or break what stands around them.

/// Whether a reader could not see this character, or would see others moved by it.
#[must_use]
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00AD}'                    // soft hyphen
            | '\u{034F}'                  // combining grapheme joiner
            | '\u{061C}'                  // Arabic letter mark
            | '\u{115F}' | '\u{1160}'     // Hangul fillers
            | '\u{17B4}' | '\u{17B5}'     // Khmer inherent vowels
            | '\u{180B}'..='\u{180E}'     // Mongolian selectors
            | '\u{200B}'..='\u{200F}'     // zero width, direction marks
            | '\u{2028}'..='\u{202E}'     // separators, bidi embeddings and overrides
            | '\u{2060}'..='\u{206F}'     // invisible operators, bidi isolates
            | '\u{3164}' | '\u{FFA0}'     // Hangul fillers
            | '\u{FE00}'..='\u{FE0F}'     // variation selectors
            | '\u{FEFF}'                  // byte order mark
            | '\u{FFF9}'..='\u{FFFB}'     // interlinear annotation
            | '\u{E0000}'..='\u{E0FFF}'   // tags and further selectors
        )
}
