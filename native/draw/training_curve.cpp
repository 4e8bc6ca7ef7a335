#include "native/draw/training_curve.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <tuple>
#include <vector>

#include "core/metrics/headline.h"

namespace fair::draw {
namespace {

constexpr double kWidth = 880, kHeight = 460, kLeft = 64, kRight = 64, kTop = 56, kBottom = 52;
constexpr const char* kTrain = "#2f6fb5";
constexpr const char* kVal = "#e07b1f";
constexpr const char* kScore = "#2a8f4e";

std::string number(double value, const char* format = "%.1f") {
  char text[48];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (static_cast<unsigned char>(c) >= 0x20) {
      out += c;
    }
  }
  return out;
}

std::vector<double> series(const Json& history, const char* key) {
  std::vector<double> out;
  if (const auto found = history.find(key); found != history.end() && found->is_array()) {
    for (const Json& v : *found) out.push_back(v.is_number() ? v.get<double>() : std::nan(""));
  }
  return out;
}

/// The figure people compare, epoch by epoch, and its name.
struct Score {
  std::string words;
  std::vector<double> values;
};

Score score_of(const Json& history) {
  Score out;
  if (const auto found = history.find("metrics"); found != history.end() && found->is_array()) {
    for (const Json& m : *found) {
      const auto headline = metrics::headline(m);
      out.values.push_back(headline ? headline->value : std::nan(""));
      if (headline) out.words = headline->words;
    }
  }
  return out;
}

/// A step of 1, 2 or 5 times a power of ten that divides the range into at most six.
double step_for(double range) {
  double step = 1e-6;
  for (int i = 0; step * 6 < range; ++i) step *= i % 3 == 1 ? 2.5 : 2;
  return step;
}

class Chart {
 public:
  Chart(std::size_t epochs, double most_loss) : epochs_(std::max<std::size_t>(1, epochs)), step_(step_for(std::max(most_loss, 1e-6))) {
    top_ = std::ceil(std::max(most_loss, 1e-6) / step_ - 1e-9) * step_;
  }

  [[nodiscard]] double x(double epoch) const {
    const double plot = kWidth - kLeft - kRight;
    return epochs_ == 1 ? kLeft + plot / 2 : kLeft + plot * (epoch - 1) / static_cast<double>(epochs_ - 1);
  }
  [[nodiscard]] static double y(double share) { return kHeight - kBottom - (kHeight - kTop - kBottom) * share; }

  [[nodiscard]] std::string axes(bool with_score) const {
    std::string out;
    for (int line = 0; line * step_ <= top_ * 1.0001; ++line) {
      const double loss = line * step_;
      const std::string at = number(y(loss / top_));
      out += "<line x1=\"" + number(kLeft) + "\" x2=\"" + number(kWidth - kRight) + "\" y1=\"" + at + "\" y2=\"" + at + "\" stroke=\"#e3e5e8\"/>\n";
      out += text(kLeft - 8, y(loss / top_) + 4, "end", number(loss, "%g"));
    }
    for (int tenth = 0; with_score && tenth <= 10; tenth += 2)
      out += text(kWidth - kRight + 8, y(tenth / 10.0) + 4, "start", number(tenth / 10.0), kScore);
    const double step = std::max(1.0, step_for(static_cast<double>(epochs_) * 0.6));
    out += text(x(1), kHeight - kBottom + 20, "middle", "1");
    for (int mark = 1; mark * step <= static_cast<double>(epochs_); ++mark) {
      const double epoch = mark * step;
      if (epoch > 1) out += text(x(epoch), kHeight - kBottom + 20, "middle", number(epoch, "%g"));
    }
    out += text(kWidth / 2, kHeight - 12, "middle", "epoch");
    out += text(kLeft - 8, kTop - 14, "end", "loss");
    if (with_score) out += text(kWidth - kRight + 8, kTop - 14, "start", "score", kScore);
    return out;
  }

  [[nodiscard]] std::string curve(const std::vector<double>& values, double top, const char* colour) const {
    std::string points, dots;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!std::isfinite(values[i])) continue;
      const std::string px = number(x(static_cast<double>(i + 1))), py = number(y(std::clamp(values[i] / top, 0.0, 1.0)));
      points += (points.empty() ? "" : " ") + px + "," + py;
      dots += "<circle cx=\"" + px + "\" cy=\"" + py + "\" r=\"2.4\" fill=\"" + colour + "\"/>\n";
    }
    if (points.empty()) return {};
    return "<polyline fill=\"none\" stroke-width=\"2\" stroke=\"" + std::string(colour) + "\" points=\"" + points + "\"/>\n" +
           (values.size() > 60 ? "" : dots);
  }

  static std::string text(double at_x, double at_y, const char* anchor, const std::string& words, const char* colour = "#3b4048", int size = 13) {
    return "<text x=\"" + number(at_x) + "\" y=\"" + number(at_y) + "\" text-anchor=\"" + anchor + "\" fill=\"" + colour + "\" font-size=\"" +
           std::to_string(size) + "\">" + words + "</text>\n";
  }
  [[nodiscard]] double top() const { return top_; }

 private:
  std::size_t epochs_;
  double step_, top_;
};

}  // namespace

std::string training_curve(const std::string& title, const Json& history) {
  const std::vector<double> train = series(history, "train_loss"), val = series(history, "val_loss");
  const Score score = score_of(history);
  double most = 0;
  for (const auto* values : {&train, &val}) {
    for (const double v : *values) most = std::isfinite(v) ? std::max(most, v) : most;
  }
  const Chart chart(std::max({train.size(), val.size(), score.values.size()}), most);
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 880 460\" width=\"880\" height=\"460\" font-family=\"sans-serif\">\n";
  out += "<rect width=\"880\" height=\"460\" fill=\"#ffffff\"/>\n";
  out += Chart::text(kLeft, 26, "start", escaped(title), "#15181c", 17);
  out += chart.axes(!score.values.empty());
  out += chart.curve(train, chart.top(), kTrain) + chart.curve(val, chart.top(), kVal) + chart.curve(score.values, 1.0, kScore);
  double right = kWidth - kRight;
  for (const auto& [words, colour, there] :
       {std::tuple{score.words + " (validation)", kScore, !score.values.empty()}, std::tuple{std::string("validation loss"), kVal, !val.empty()},
        std::tuple{std::string("training loss"), kTrain, !train.empty()}}) {
    if (!there) continue;
    out += Chart::text(right, 26, "end", words, colour);
    right -= 8.0 * static_cast<double>(words.size());
  }
  return out + "</svg>\n";
}

}  // namespace fair::draw
