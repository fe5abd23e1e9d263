package io.resticfleet.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.resticfleet.program.Setting.Form;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineTest {

    private record Word(String name, String operand, String meaning) implements Command {}

    private static final Word RUN = new Word("RUN", "", "run it");
    private static final List<Word> COMMANDS =
            List.of(RUN, new Word("COPY", "FILE", "copy it"), new Word("HELP", "", ""), new Word("VERSION", "", ""));
    private static final Setting LISTEN = new Setting("RESTIC_FLEET_LISTEN", "--listen", "here", "where");
    private static final Setting PIN = new Setting("", "--pin", Form.LIST, "PIN", "", Set.of(), "whom to trust");
    private static final Setting QUIET = new Setting("", "--quiet", Form.SWITCH, "", "", Set.of("copy"), "no output");
    private static final List<Setting> SETTINGS = List.of(LISTEN, PIN, QUIET);

    @Test
    void flags_stand_anywhere_with_their_value_after_a_space_or_an_equals_sign() {
        var line = parse("--listen", "there", "copy", "--pin=a", "x", "--pin", "b", "--quiet", "--listen=elsewhere");

        assertThat(line.problems()).isEmpty();
        assertThat(line.command().map(Word::word)).contains("copy");
        assertThat(line.operands()).containsExactly("x");
        assertThat(line.flags())
                .isEqualTo(Map.of("--listen", "elsewhere", "--pin", "a,b", "--quiet", "1"))
                .isNotEqualTo(parse("copy", "--quiet=0").flags());
    }

    @Test
    void what_cannot_be_is_named_with_its_reason() {
        assertThat(parse("rn").problems()).containsExactly("'rn' is not a command; see --help");
        assertThat(parse("copy").problems()).containsExactly("copy takes one FILE but was given []");
        assertThat(parse("run", "x").problems()).containsExactly("run takes no arguments but was given [x]");
        assertThat(parse("run", "--listen", "--pin", "a").problems()).containsExactly("--listen needs a value");
        assertThat(parse("run", "--quiet").problems()).containsExactly("--quiet is not a setting of run");
    }

    @Test
    void help_and_version_are_commands_and_flags() {
        assertThat(parse("copy", "--listen", "-h").command().map(Word::word)).contains("help");
        assertThat(parse("--version").command().map(Word::word)).contains("version");
        assertThat(parse().command()).contains(RUN);
        assertThat(Command.help(COMMANDS.subList(0, 2))).isEqualTo("  run       run it\n  copy FILE copy it\n");
    }

    @ParameterizedTest
    @CsvSource({
        "--bogus,  --bogus is not a setting",
        "--lisen,  --lisen is not a setting; did you mean --listen?",
        "--Listen, --Listen is not a setting; did you mean --listen?",
        "--listne, --listne is not a setting; did you mean --listen?",
    })
    void an_unknown_flag_is_no_setting_whether_a_value_follows_or_not(String flag, String words) {
        for (var line : List.of(parse("run", flag), parse("run", flag, "x"), parse("run", flag + "=x"))) {
            assertThat(line.problems()).isEmpty();
            assertThatThrownBy(() -> new SettingsReader(SETTINGS, Map.of(), line.flags(), Set.of()).throwIfInvalid())
                    .hasMessage(words);
        }
    }

    @Test
    void blank_is_as_good_as_absent() {
        var blank = new SettingsReader(SETTINGS, Map.of("RESTIC_FLEET_LISTEN", " "), Map.of("--pin", ""), Set.of());

        assertThat(blank.get(LISTEN, text -> text)).contains("here");
        assertThat(blank.find(PIN, text -> text)).isEmpty();
        blank.require(PIN);
        assertThatThrownBy(blank::throwIfInvalid).hasMessage("--pin is missing: whom to trust");
    }

    private static CommandLine<Word> parse(String... arguments) {
        return CommandLine.parse(List.of(arguments), COMMANDS, RUN, SETTINGS);
    }
}
