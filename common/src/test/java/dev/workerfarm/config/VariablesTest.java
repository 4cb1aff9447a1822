package dev.workerfarm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VariablesTest {
    private static final String NAME = "FARM_AMQP_URL";
    private static final String FILE = "FARM_AMQP_URL_FILE";

    @TempDir
    private Path folder;

    @Test
    void isTheVariableOrTheFilesLineOrNothing() throws IOException {
        var file = write("amqp://u:secret@h/\r\n");

        assertThat(Variables.value(Map.of(NAME, "amqp://h"), NAME)).isEqualTo("amqp://h");
        assertThat(Variables.value(Map.of(FILE, file), NAME)).isEqualTo("amqp://u:secret@h/");
        assertThat(Variables.value(Map.of(), NAME)).isNull();
    }

    @Test
    void takesABlankVariableForNone() throws IOException {
        var file = write("amqp://h");

        assertThat(Variables.value(Map.of(NAME, "", FILE, file), NAME)).isEqualTo("amqp://h");
        assertThat(Variables.value(Map.of(NAME, "amqp://h", FILE, " "), NAME)).isEqualTo("amqp://h");
        assertThat(Variables.isGiven(Map.of(NAME, " ", FILE, ""), NAME)).isFalse();
        assertThat(Variables.isGiven(Map.of(NAME, "", FILE, file), NAME)).isTrue();
    }

    @Test
    void namesBothWhereBothAreSet() throws IOException {
        var both = Map.of(NAME, "amqp://h", FILE, write("amqp://h"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Variables.value(both, NAME))
                .withMessageStartingWith("FARM_AMQP_URL and FARM_AMQP_URL_FILE are both set");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"''|is empty", "\\n\\n|is empty", "secret\\nsecret2\\n|has several lines"})
    void refusesAFileOfNoOneLineWithoutQuotingIt(String content, String problem) throws IOException {
        var file = write(content.replace("\\n", "\n"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Variables.value(Map.of(FILE, file), NAME))
                .withMessageStartingWith("FARM_AMQP_URL_FILE: " + file)
                .withMessageContaining(problem)
                .withMessageNotContaining("secret");
    }

    @Test
    void refusesAFileOfMoreThan64Kilobytes() throws IOException {
        var most = write("x".repeat(65_536));
        assertThat(Variables.value(Map.of(FILE, most), NAME)).hasSize(65_536);

        var more = write("x".repeat(65_537));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Variables.value(Map.of(FILE, more), NAME))
                .withMessageContaining("larger than 64 kB");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nowhere/url", ".", "a\0b"})
    void namesTheVariableOfAFileThatCannotBeRead(String file) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Variables.value(Map.of(FILE, file), NAME))
                .withMessageStartingWith("FARM_AMQP_URL_FILE: cannot read the file");
    }

    @Test
    void hidesTheOtherFormBelow() {
        assertThat(Variables.merge(Map.of(NAME, "below", "PATH", "/bin"), Map.of(FILE, "over")))
                .isEqualTo(Map.of(FILE, "over", "PATH", "/bin"));
        assertThat(Variables.merge(Map.of(FILE, "below"), Map.of(NAME, "over"))).isEqualTo(Map.of(NAME, "over"));
        assertThat(Variables.merge(Map.of(FILE, "below"), Map.of(NAME, ""))).isEqualTo(Map.of(FILE, "below", NAME, ""));
        assertThat(Variables.merge(Map.of(NAME, "below"), Map.of(NAME, "over", FILE, "over")))
                .as("two of the same level are the user's mistake to hear of")
                .isEqualTo(Map.of(NAME, "over", FILE, "over"));
    }

    @Test
    void readsTheAddressesFromFiles() throws IOException {
        assertThat(BrokerAddress.from(Map.of(FILE, write("amqp://u:secret@h/v\n"))))
                .hasToString("amqp://u:***@h:5672/v");
        assertThat(RedisAddress.from(Map.of("FARM_REDIS_URL_FILE", write("redis://:secret@h\n"))))
                .hasToString("redis://:***@h:6379/0");
        assertThat(BrokerAddress.from(Map.of())).isEqualTo(BrokerAddress.parse(BrokerAddress.DEFAULT_URL));
        assertThat(RedisAddress.from(Map.of(NAME, ""))).isEqualTo(RedisAddress.parse(RedisAddress.DEFAULT_URL));
    }

    private String write(String content) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "url", ""), content)
                .toString();
    }
}
