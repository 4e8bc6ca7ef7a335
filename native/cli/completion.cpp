#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "native/cli/verbs.h"

namespace fair::cli {
namespace {

/// A verb as completion needs it.
struct Word {
  std::string path;  ///< "dataset make"; "" is the program itself
  std::string name, description;
  std::vector<std::pair<std::string, std::string>> options;  ///< "--name" and what it means
  std::vector<const Word*> verbs;
  std::vector<Word> children;
};

std::string first_sentence(const std::string& text) {
  const auto end = text.find_first_of(".\n(");
  std::string out = text.substr(0, end);
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

Word read(const CLI::App& app, const std::string& path) {
  Word word{path, app.get_name(), first_sentence(app.get_description()), {}, {}, {}};
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) word.options.emplace_back("--" + name, first_sentence(option->get_description()));
  }
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    word.children.push_back(read(*verb, path.empty() ? verb->get_name() : path + " " + verb->get_name()));
  }
  return word;
}

void flatten(const Word& word, std::vector<const Word*>& out) {
  out.push_back(&word);
  for (const Word& child : word.children) flatten(child, out);
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string words_of(const Word& word, const Word& root) {
  std::string out;
  for (const Word& child : word.children) out += child.name + " ";
  for (const auto& [option, meaning] : word.options) out += option + " ";
  if (&word != &root) {
    for (const auto& [option, meaning] : root.options) {
      if (option != "--help" && option != "--version") out += option + " ";
    }
  }
  if (!out.empty()) out.pop_back();
  return out;
}

/// Shared by bash and zsh: the verbs before the cursor decide which words fit; everything else is a file.
std::string case_table(const std::vector<const Word*>& all) {
  std::string out;
  for (const Word* word : all) out += "    " + quoted(word->path) + ") words=" + quoted(words_of(*word, *all.front())) + " ;;\n";
  return out;
}

std::string verb_pattern(const std::vector<const Word*>& all) {
  std::string out;
  for (const Word* word : all) {
    if (!word->path.empty()) out += (out.empty() ? "" : "|") + quoted(word->path);
  }
  return out;
}

std::string bash(const std::vector<const Word*>& all) {
  return "# bash completion for fair; use: source <(fair completion bash)\n"
         "_fair() {\n"
         "  local path= words= i next\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    next=\"${path:+$path }${COMP_WORDS[i]}\"\n"
         "    case \"$next\" in\n      " +
         verb_pattern(all) +
         ") path=$next ;;\n    esac\n  done\n"
         "  case \"$path\" in\n" +
         case_table(all) +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
         "}\n"
         "complete -o default -F _fair fair\n";
}

std::string zsh(const std::vector<const Word*>& all) {
  return "#compdef fair\n# zsh completion for fair; use: source <(fair completion zsh)\n"
         "_fair() {\n"
         "  local at= choice i next\n"
         "  for ((i = 2; i < CURRENT; i++)); do\n"
         "    next=\"${at:+$at }${words[i]}\"\n"
         "    case \"$next\" in\n      " +
         verb_pattern(all) +
         ") at=$next ;;\n    esac\n  done\n"
         "  case \"$at\" in\n" +
         [&] {
           std::string table;
           for (const Word* word : all) table += "    " + quoted(word->path) + ") choice=" + quoted(words_of(*word, *all.front())) + " ;;\n";
           return table;
         }() +
         "  esac\n"
         "  compadd -- ${(s: :)choice}\n"
         "  _files\n"
         "}\n"
         "compdef _fair fair\n";
}

std::string fish(const std::vector<const Word*>& all) {
  std::string out =
      "# fish completion for fair; use: fair completion fish | source\n"
      "function __fair_at\n  set -l words (commandline -opc)[2..-1]\n  set -l verbs (string match -v -- '-*' $words)\n"
      "  test (string join ' ' -- $verbs[1..(count (string split -n ' ' -- \"$argv\"))]) = \"$argv\"\nend\n";
  for (const Word* word : all) {
    const std::string condition = word->path.empty() ? "__fish_use_subcommand" : "__fair_at " + word->path;
    for (const Word& child : word->children) {
      out += "complete -c fair -f -n " + quoted(condition) + " -a " + quoted(child.name) + " -d " + quoted(child.description) + "\n";
    }
    for (const auto& [option, meaning] : word->options) {
      out += "complete -c fair" + (word->path.empty() ? std::string() : " -n " + quoted(condition)) + " -l " + quoted(option.substr(2)) + " -d " +
             quoted(meaning) + "\n";
    }
  }
  return out;
}

}  // namespace

void add_completion(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("completion", "Print what a shell needs to complete fair's verbs and options");
  verb->footer("Example:\n  source <(fair completion bash)");
  auto shell = std::make_shared<std::string>();
  verb->add_option("shell", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  context.on(verb, [&app, shell](Context& c) -> Result<Exit> {
    const Word root = read(app, "");
    std::vector<const Word*> all;
    flatten(root, all);
    const std::string script = *shell == "bash" ? bash(all) : *shell == "zsh" ? zsh(all) : fish(all);
    c.answer({{"shell", *shell}, {"script", script}}, script);
    return done;
  });
}

}  // namespace fair::cli
