package dev.workerfarm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.cli.output.ExitCode;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What is typed, as far as no server is needed: nothing listens where these runs connect to. */
class ProducerCommandTest {
    private static final Map<String, String> NOWHERE =
            Map.of("FARM_AMQP_URL", "amqp://me:s3cret@127.0.0.1:1/", "FARM_REDIS_URL", "redis://:s3cret@127.0.0.1:1/0");

    @ParameterizedTest
    @ValueSource(strings = {"-3", "-1.5", "-1e3", "-0", "-99999999999999999999999999999999999999999", "-1.5e-300", "-"})
    void takesANegativeNumberForANumberAndNotForAnOption(String number) {
        var run = CommandLineRun.of(NOWHERE, "", "square", number);

        assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.UNREACHABLE); // so it was parsed
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "square --wrong 3",
                "square",
                "square 3 -x",
                "square 3 --timeout soon",
                "square 3 --chunk-size many",
                "square 3 --chunk-size -1",
                "run",
                "run square 3 --countdown soon",
                "run square 3 --countdown 9000h",
                "run square 3 --expires -1s",
                "map",
                "download",
                "download http://a -i b",
                "map echo -i /nonexistent",
                "value",
                "value n put 3",
                "value n set",
                "value n set x",
                "value n set 1.5 --type i",
                "value n set 1 --type f",
                "value n --detach",
                "value n set 3 --queue q",
                "value n get --type i",
                "value n rm --type d",
                "value n --timeout 0s",
                "array a --detach",
                "array a length --type i",
                "dead",
                "dead ls x",
                "dead show",
                "dead show a b",
                "dead replay",
                "dead replay a --all",
                "dead rm",
                "dead rm a --all",
                "dead rm --queue q a",
                "dead ls --timeout soon",
                "result",
                "result a b",
                "result a --queue q",
                "revoke",
                "revoke --wrong a",
                "status --quiet",
                "status --detach",
                "value n rm 3",
                "value --wrong n",
                "array a get x",
                "array a get 1:2:3",
                "array a get 1:99999999999",
                "array a get 1 2",
                "array a set 1",
                "array a set -1: 3",
                "array a set 0 1 x",
                "array a fill 3",
                "array a fill 3 1 --type b",
                "array a length 3",
                "array a rm 3",
                "array a get -2: --wrong",
                "array --wrong",
                "array a -x",
                ""
            })
    void answersWrongUsageOnStandardErrorWithExitCodeTwo(String line) {
        var run = CommandLineRun.of(NOWHERE, "", line.isEmpty() ? new String[0] : line.split(" "));

        assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.USAGE);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).isNotEmpty().doesNotContain("\tat ");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "square 3 --timeout soon, 'soon' is no duration: write 500ms",
                "status --timeout -1s, '-1s' is no duration",
                "status --watch=often, 'often' is no duration",
                "square 3 --chunk-size many, 'many' is not an int",
                "value n set 1 --type f, type f is not kept here",
                "nonsense --help, there is no command 'nonsense'"
            })
    void saysInOneLineWhatIsWrongWithAWord(String line, String answer) {
        var run = CommandLineRun.of(NOWHERE, "", line.split(" "));

        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("farm producer: ").contains(answer).hasLineCount(1);
    }

    @Test
    void showsTheUsageForAWrongFlag() {
        var run = CommandLineRun.of(NOWHERE, "", "square", "--wrong", "3");

        assertThat(run.err()).contains("--wrong").contains("Usage: producer square");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "square --jsn 3 | unknown option '--jsn'; did you mean --json? | producer square [OPTION...] NUMBER...",
                "squar 1 | there is no command 'squar'; did you mean square or array? | producer [OPTION...] COMMAND",
                "dead lss | there is no command 'lss'; did you mean ls? | producer dead [OPTION...] COMMAND",
                "result | Missing required parameter: 'ID' | producer result [OPTION...] ID",
                "result a b | one word too many: 'b' | producer result [OPTION...] ID",
                "run | Missing required parameter: 'TASK' | producer run [OPTION...] TASK [ARG...]",
                "dead | a command is missing: ls, show, replay, rm | producer dead [OPTION...] COMMAND",
            })
    void tellsWrongUsageInThreeLines(String line, String error, String usage) {
        var run = CommandLineRun.of(NOWHERE, "", line.split(" "));

        var command = usage.replaceFirst(" \\[.*", "");
        assertThat(run.err())
                .isEqualTo("farm producer: " + error + "\nUsage: " + usage + "\nSee " + command + " --help\n");
        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void tellsWrongUsageInThreeLinesWhereTheCommandHasOperationsOfItsOwn() {
        var run = CommandLineRun.of(NOWHERE, "", "array");

        assertThat(run.err().lines()).hasSize(3).anyMatch(line -> line.startsWith("Usage: producer array NAME [get"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"square 1 --queue", "run echo --queue", "dead replay --all --queue"})
    void refusesAQueueWithoutAName(String line) {
        var run = CommandLineRun.of(NOWHERE, "", (line + " ").split(" ", -1));

        assertThat(run.err())
                .contains("--queue")
                .contains("a queue's name has 1 to 255 bytes")
                .hasLineCount(1);
        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void eachHelpHasWholeSentencesInLinesThatFit() {
        var farm = new CommandLine(new FarmCommand()).addSubcommand(ProducerCommand.commandLine());

        assertThat(commands(farm)).hasSizeGreaterThan(20).allSatisfy(command -> {
            var usage = command.getCommandSpec().usageMessage();
            assertThat(usage.description()[0])
                    .as("what the list of commands shows")
                    .endsWith(".");
            // picocli breaks a long line, which is right only for one that is a paragraph
            assertThat(Stream.of(usage.description(), usage.footer())
                            .flatMap(Stream::of)
                            .flatMap(text -> Stream.of(text.split("%n"))))
                    .allMatch(line -> line.length() <= 80 || line.endsWith("."));
        });
    }

    private static List<CommandLine> commands(CommandLine command) {
        List<CommandLine> all = new ArrayList<>(List.of(command));
        command.getSubcommands().values().forEach(each -> all.addAll(commands(each)));
        return all;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "square 1",
                "run echo 1",
                "map echo",
                "download http://a/b",
                "square 1 --detach",
                "dead ls",
                "dead replay --all",
                "result x",
                "result x --wait",
                "revoke x --hard",
                "value n",
                "array a"
            })
    void saysInOneLineWithoutThePasswordThatAServerIsNotThere(String line) {
        var run = CommandLineRun.of(NOWHERE, "", line.split(" "));

        assertThat(run.code()).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.err())
                .contains("127.0.0.1:1")
                .doesNotContain("s3cret")
                .containsAnyOf("FARM_AMQP_URL", "FARM_REDIS_URL");
    }

    @ParameterizedTest
    @ValueSource(strings = {"FARM_AMQP_URL", "FARM_REDIS_URL", "FARM_NAMESPACE"})
    void namesAWrongVariableInOneLine(String variable) {
        var environment = Map.of(variable, "ftp://me:s3cret@host");

        var run = CommandLineRun.of(
                environment,
                "",
                variable.equals("FARM_REDIS_URL") ? new String[] {"value", "n"} : new String[] {"run", "echo"});

        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains(variable);
        assertThat(run.err().lines()).hasSize(1);
    }

    @Test
    void keepsThePasswordOfAWrongManagementUrlOutOfTheStackTraceToo() {
        var environment = Map.of("FARM_MANAGEMENT_URL", "http://me:s3cret word@host:1");

        var run = CommandLineRun.of(environment, "", "status", "--verbose");

        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err())
                .contains("FARM_MANAGEMENT_URL: it is no URL")
                .contains("\tat ")
                .doesNotContain("s3cret", "word@");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "-2:", "-3:-1", ":-1", ":", "1:2"})
    void takesANegativeIndexOrSliceForAnOperand(String place) {
        var run = CommandLineRun.of(NOWHERE, "", "array", "a", "get", place, "--json");

        assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.UNREACHABLE); // so it was parsed
    }

    @Test
    void showsAStackTraceOnlyWhenAsked() {
        var run = CommandLineRun.of(NOWHERE, "", "square", "1", "--verbose");

        assertThat(run.err())
                .contains("BrokerUnreachableException")
                .contains("\tat ")
                .doesNotContain("s3cret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "square",
                "download",
                "run",
                "map",
                "value",
                "array",
                "status",
                "tasks",
                "result",
                "revoke",
                "dead",
                "dead ls",
                "dead show",
                "dead replay",
                "dead rm"
            })
    void teachesEachCommandByExamplesThatFitATerminal(String command) {
        var run = CommandLineRun.of(NOWHERE, "", (command + " --help").split(" "));

        assertThat(run.code()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .contains("Examples:")
                .contains("producer " + command + " ")
                .contains("Exit codes: 0 ")
                .contains("141 nobody read");
        assertThat(run.out().lines()).allMatch(line -> line.length() <= 80);
    }

    @ParameterizedTest
    @CsvSource({
        "square, --json --timeout --detach --queue --quiet --verbose",
        "value, --json --timeout --quiet --verbose --type",
        "array, --json --timeout --quiet --verbose --type",
        "status, --json --timeout --verbose --watch",
        "tasks, --json --timeout --verbose",
        "result, --json --timeout --verbose --wait",
        "revoke, --json --timeout --verbose --hard",
    })
    void listsTheOptionsThatACommandHonoursAndNoOthers(String command, String options) {
        var out = CommandLineRun.of(NOWHERE, "", command, "--help").out();

        for (var option : List.of(
                "--json",
                "--timeout",
                "--detach",
                "--queue",
                "--quiet",
                "--verbose",
                "--type",
                "--watch",
                "--wait",
                "--hard")) {
            assertThat(out.contains("  " + option)).as("%s %s", command, option).isEqualTo(options.contains(option));
        }
        assertThat(out.replaceAll("\\s+", " ").contains("index, id, ok"))
                .as("the form of its JSON")
                .isEqualTo(command.equals("square") || command.equals("result"));
    }

    @Test
    void givesUpAfterItsTimeoutWhereRedisGivesNoAnswer() throws Exception {
        try (var mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var environment = Map.of("FARM_REDIS_URL", "redis://127.0.0.1:" + mute.getLocalPort());
            for (var command : List.of("value n add 1", "array a")) {
                var run = CommandLineRun.of(environment, "", (command + " --timeout 200ms").split(" "));

                assertThat(run.code()).isEqualTo(ExitCode.TIMED_OUT);
                assertThat(run.err()).contains("no answer within 200 ms").hasLineCount(1);
            }
        }
    }

    @Test
    void listsItsCommandsAndExitCodes() {
        var run = CommandLineRun.of(NOWHERE, "", "--help");

        assertThat(run.out()).contains("square", "download", "run", "map", "value", "array", "3 broker", "4 timed out");
        assertThat(run.out().lines()).allMatch(line -> line.length() <= 80);
    }
}
