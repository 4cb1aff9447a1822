package dev.workerfarm.cli.calls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.cli.output.Console;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PoolSessionTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Console console = new Console(
            InputStream.nullInputStream(),
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
            new PrintStream(err, false, StandardCharsets.UTF_8),
            Map.of());

    @Test
    void anInterruptEndsThePoolWithoutAWord() {
        var ended = new boolean[1];

        PoolSession.atInterrupt(() -> ended[0] = true, console);

        assertThat(ended[0]).isTrue();
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    static Stream<Runnable> faults() {
        return Stream.of(
                () -> {
                    throw new IllegalStateException("a fault");
                },
                () -> {
                    throw new AssertionError("a fault");
                });
    }

    @ParameterizedTest
    @MethodSource("faults")
    void aFaultAtAnInterruptIsSaidInOneLine(Runnable terminate) {
        PoolSession.atInterrupt(terminate, console);

        assertThat(err.toString(StandardCharsets.UTF_8))
                .startsWith("farm producer: the pool was not ended")
                .endsWith(": a fault\n")
                .hasLineCount(1);
    }
}
