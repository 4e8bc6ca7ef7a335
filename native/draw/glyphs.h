// Letters of five by seven dots, so that pictures need no font files.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "native/draw/canvas.h"

namespace fair::draw {

inline constexpr std::int32_t glyph_width = 5, glyph_height = 7, glyph_step = 6;

/// Rows of a letter's dots, the leftmost dot in bit 4. Letters, digits and a little punctuation; others look like a small box.
[[nodiscard]] std::array<std::uint8_t, glyph_height> glyph(char letter);

/// Writes with dots of `scale` pixels; (x, y) is the upper left corner.
void write(Canvas& canvas, std::int32_t x, std::int32_t y, std::string_view text, const Colour& colour, std::int32_t scale = 2);
/// Pixels from the first to behind the last letter.
[[nodiscard]] std::int32_t text_width(std::string_view text, std::int32_t scale = 2);

}  // namespace fair::draw
