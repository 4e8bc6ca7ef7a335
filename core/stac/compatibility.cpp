#include "core/stac/compatibility.h"

#include <algorithm>

#include "core/base/field.h"
#include "core/base/spelling.h"

namespace fair::stac {
namespace {

using Verdict = Reason::Verdict;
using Words = std::vector<std::string>;

bool contains(const Words& words, const std::string& word) { return std::find(words.begin(), words.end(), word) != words.end(); }

Words shared(const Words& a, const Words& b) {
  Words both;
  for (const std::string& word : a) {
    if (contains(b, word) && !contains(both, word)) both.push_back(word);
  }
  return both;
}

template <class Predicate>
Words chosen(const Words& words, Predicate wanted) {
  Words some;
  std::copy_if(words.begin(), words.end(), std::back_inserter(some), wanted);
  return some;
}

/// "Buildings" and "building" are one class to a person.
std::string plain(std::string word) {
  std::transform(word.begin(), word.end(), word.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == '_' || c == ' ' ? '-' : c;
  });
  if (word.size() > 3 && word.back() == 's' && word[word.size() - 2] != 's') word.pop_back();
  return word;
}

/// Names of the classes the model finds; the one for "nothing there" is left out.
Words foreground(const Item& model) {
  Words names;
  for (const Json& entry : member(first(model.property("mlm:output")), "classification:classes")) {
    const std::string name = text_of(member(entry, "name"));
    const std::string word = plain(name);
    if (!name.empty() && word != "background" && word != "other" && word.substr(0, 3) != "no-") names.push_back(name);
  }
  return names;
}

struct LabelClasses {
  Words names;
  bool numbered = false;  ///< masks of class values, without names
};

LabelClasses label_classes(const Item& dataset) {
  LabelClasses labels;
  for (const Json& entry : dataset.property("label:classes")) {
    if (const std::string name = text_of(member(entry, "name")); !name.empty()) labels.names.push_back(name);
    for (const Json& value : member(entry, "classes")) {
      if (value.is_string()) labels.names.push_back(value.get<std::string>());
      else if (value.is_number()) labels.numbered = true;
    }
  }
  return labels;
}

class Judge {
 public:
  Judge(const Item& model, const Item& dataset, const Vocabulary& vocabulary)
      : model_(model),
        dataset_(dataset),
        vocabulary_(vocabulary),
        model_words_(texts_of(model.property("keywords"))),
        dataset_words_(texts_of(dataset.property("keywords"))) {}

  Compatibility verdict() {
    words_in_vocabulary(model_, model_words_, "model");
    words_in_vocabulary(dataset_, dataset_words_, "dataset");
    feature();
    tasks();
    geometry();
    classes();
    for (const Item* item : {&model_, &dataset_}) {
      if (item->deprecated()) say(Verdict::warns, "deprecated", item->id() + " is deprecated", "use its latest version");
    }
    return std::move(result_);
  }

 private:
  void say(Verdict verdict, const char* rule, std::string text, std::string hint = {}) {
    result_.reasons.push_back({verdict, rule, std::move(text), std::move(hint)});
  }

  void words_in_vocabulary(const Item& item, const Words& words, const std::string& what) {
    const Words unknown = chosen(words, [&](const std::string& word) { return !vocabulary_.knows(word); });
    if (!unknown.empty()) {
      say(Verdict::fails, "vocabulary", "the " + what + " " + item.id() + " has keywords outside fAIr's vocabulary: " + listed(unknown),
          "use only " + listed(vocabulary_.words()));
    }
  }

  void feature() {
    const auto is_feature = [&](const std::string& word) { return vocabulary_.is_feature(word); };
    const Words in_model = chosen(model_words_, is_feature);
    const Words in_dataset = chosen(dataset_words_, is_feature);
    const Words both = shared(in_model, in_dataset);
    if (!both.empty()) return say(Verdict::holds, "shared-feature", "both are about " + listed(both));
    say(Verdict::fails, "shared-feature", "the model is about " + listed(in_model) + ", the dataset about " + listed(in_dataset),
        "pick a dataset of the model's features; a task or geometry in common is not enough");
  }

  void tasks() {
    const Words tasks = texts_of(model_.property("mlm:tasks"));
    const Words labelled = texts_of(dataset_.property("label:tasks"));
    Words wanted;
    for (const std::string& task : tasks) {
      const std::string label = vocabulary_.label_task(task);
      if (!contains(wanted, label)) wanted.push_back(label);
    }
    // Labels are sometimes described with the model's own word for the task.
    const Words both = shared(wanted, labelled).empty() ? shared(tasks, labelled) : shared(wanted, labelled);
    if (!both.empty()) return say(Verdict::holds, "tasks", "the labels serve " + listed(both));
    say(Verdict::fails, "tasks", "the model needs labels for " + listed(wanted) + ", the dataset's serve " + listed(labelled),
        "label the dataset for that task, or pick another model");
  }

  void geometry() {
    const auto is_geometry = [&](const std::string& word) { return vocabulary_.is_geometry(word); };
    const Words in_model = chosen(model_words_, is_geometry);
    const Words in_dataset = chosen(dataset_words_, is_geometry);
    if (in_model.empty() || in_dataset.empty()) return;
    const Words both = shared(in_model, in_dataset);
    if (!both.empty()) return say(Verdict::holds, "geometry", "both use " + listed(both) + " geometry");
    say(Verdict::fails, "geometry", "the model gives " + listed(in_model) + ", the dataset holds " + listed(in_dataset),
        "pick a dataset with that geometry");
  }

  void classes() {
    const Words wanted = foreground(model_);
    const LabelClasses labels = label_classes(dataset_);
    if (wanted.empty() || (labels.names.empty() && labels.numbered)) return;
    Words known;
    for (const std::string& name : labels.names) known.push_back(plain(name));
    const Words missing = chosen(wanted, [&](const std::string& name) { return !contains(known, plain(name)); });
    if (missing.empty()) return say(Verdict::holds, "classes", "the labels know " + listed(wanted));
    if (missing.size() < wanted.size())
      return say(Verdict::warns, "classes", "the labels do not know the model's " + listed(missing), "the finetuned model will not learn these");
    say(Verdict::fails, "classes", "the model tells apart " + listed(wanted) + ", the labels know " + listed(labels.names),
        "name the classes in label:classes as the model does");
  }

  const Item& model_;
  const Item& dataset_;
  const Vocabulary& vocabulary_;
  Words model_words_, dataset_words_;
  Compatibility result_;
};

}  // namespace

bool Compatibility::compatible() const {
  return std::none_of(reasons.begin(), reasons.end(), [](const Reason& reason) { return reason.verdict == Verdict::fails; });
}

Json Compatibility::to_json() const {
  Json list = Json::array();
  for (const Reason& reason : reasons) {
    const char* const verdict = reason.verdict == Verdict::holds ? "holds" : reason.verdict == Verdict::warns ? "warns" : "fails";
    list.push_back({{"verdict", verdict}, {"rule", reason.rule}, {"text", reason.text}, {"hint", reason.hint}});
  }
  return {{"compatible", compatible()}, {"reasons", std::move(list)}};
}

Result<> Compatibility::require(const std::string& thing) const {
  std::string found;
  std::string hint;
  for (const Reason& reason : reasons) {
    if (reason.verdict != Verdict::fails) continue;
    found += (found.empty() ? "" : "; ") + reason.text;
    if (hint.empty()) hint = reason.hint;
  }
  if (found.empty()) return {};
  return fail(Code::incompatible, thing, "a model and a dataset that fit each other", found, hint);
}

Compatibility compatible(const Item& model, const Item& dataset, const Vocabulary& vocabulary) { return Judge(model, dataset, vocabulary).verdict(); }

}  // namespace fair::stac
