package dev.workerfarm.cli.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JsonLineTest {
    private static final int MAX_BYTES = 64 * 1024;

    @Test
    void aCommonEventIsWhatLogbackMakesOfIt() throws IOException {
        var thrown = new IllegalStateException("outer", new IOException("inner"));
        var json = line("ready queues={}", thrown, Map.of("taskId", "7"), 2);
        assertThat(json.get("message").asText()).isEqualTo("ready queues={}");
        assertThat(json.get("formattedMessage").asText()).isEqualTo("ready queues=2");
        assertThat(json.get("arguments").get(0).asText()).isEqualTo("2");
        assertThat(json.get("throwable").get("cause").get("message").asText()).isEqualTo("inner");
        assertThat(json.get("mdc").get("taskId").asText()).isEqualTo("7");
    }

    @Test
    void aLongMessageIsCut() throws IOException {
        var json = line("ready queues={}", null, Map.of("taskId", "7"), "x".repeat(1_000_000));
        assertThat(json.get("formattedMessage").asText())
                .hasSizeLessThan(9_000)
                .startsWith("ready queues=xxx")
                .endsWith(" ... (cut, " + (1_000_013 - 8_192) + " characters)");
        assertThat(json.get("mdc").get("taskId").asText()).isEqualTo("7");
        assertThat(json.get("level").asText()).isEqualTo("WARN");
    }

    @Test
    void aLongArgumentThatTheMessageDoesNotShowIsLeftOut() throws IOException {
        assertThat(line("ready", null, Map.of(), "x".repeat(1_000_000))
                        .get("formattedMessage")
                        .asText())
                .isEqualTo("ready");
    }

    @Test
    void alsoWhatGrowsWhenItIsEscaped() throws IOException {
        var controls = "\u001b".repeat(100_000);
        var json = line(controls, new IllegalStateException(controls), Map.of(controls, controls), controls);
        assertThat(json.get("formattedMessage").asText())
                .startsWith("\u001b\u001b")
                .contains(" ... (cut, ");
        assertThat(json.get("throwable").get("className").asText()).isEqualTo(IllegalStateException.class.getName());
    }

    @Test
    void alsoADeepStackWithManyCauses() throws IOException {
        var thrown = deep(2_000, "deep");
        for (int i = 0; i < 100; i++) {
            thrown = new IllegalStateException("cause " + i + "y".repeat(10_000), thrown);
        }
        var json = line("failed", thrown, Map.of(), 1);
        var first = json.get("throwable");
        assertThat(first.get("message").asText()).startsWith("cause 99y");
        assertThat(first.get("stepArray")).isNotEmpty();
        assertThat(first.get("cause").get("message").asText()).startsWith("cause 98y");
    }

    @Test
    void alsoManyAndLongMdcEntries() throws IOException {
        Map<String, String> mdc = new HashMap<>();
        for (int i = 0; i < 10_000; i++) {
            mdc.put("key " + i, "v".repeat(1_000));
        }
        assertThat(line("ready", null, mdc, 1).get("formattedMessage").asText()).isEqualTo("ready");
    }

    private static RuntimeException deep(int frames, String message) {
        return frames == 0 ? new IllegalStateException(message) : deep(frames - 1, message);
    }

    private static JsonNode line(String message, @Nullable Throwable thrown, Map<String, String> mdc, Object argument)
            throws IOException {
        var context = new LoggerContext();
        var encoder = new JsonLine();
        encoder.setWithSequenceNumber(false);
        encoder.setWithFormattedMessage(true);
        encoder.setContext(context);
        encoder.start();
        var event = new LoggingEvent(
                JsonLineTest.class.getName(), context.getLogger("a.B"), Level.WARN, message, thrown, new Object[] {
                    argument
                });
        event.setMDCPropertyMap(mdc);
        var line = encoder.encode(event);
        assertThat(line.length).isLessThan(MAX_BYTES);
        var text = new String(line, StandardCharsets.UTF_8);
        assertThat(text.lines()).hasSize(1);
        return new ObjectMapper().readTree(text);
    }
}
