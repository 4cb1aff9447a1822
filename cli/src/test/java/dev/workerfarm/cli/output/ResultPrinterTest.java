package dev.workerfarm.cli.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ResultPrinterTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final CommonOptions options = new CommonOptions();
    private ResultPrinter printer;

    @BeforeEach
    void open() {
        printer = printer(out);
    }

    @Test
    void printsAResultALineAndAFailureOnStandardError() {
        printer.succeeded(0, "m:0", new BigInteger("1180591620717411303424"));
        printer.failed(1, "m:1", "ValueError", "bad", "item 1: ValueError: bad", "the stack");
        printer.succeeded(2, "m:2", 2.25);
        printer.flush();

        assertThat(out).hasToString("1180591620717411303424\n2.25\n");
        assertThat(err).hasToString("item 1: ValueError: bad\n");
    }

    @Test
    void printsEveryItemAsAJsonLineWhereAsked() {
        options.json = true;
        printer.succeeded(0, "m:0", 9L);
        printer.succeeded(1, "m:1", null);
        printer.failed(2, "m:2", "ValueError", "a \"b\"\n", "unused", null);
        printer.published(3, "x");
        printer.flush();

        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "{\"index\":0,\"id\":\"m:0\",\"ok\":true,\"value\":9}",
                        "{\"index\":1,\"id\":\"m:1\",\"ok\":true,\"value\":null}",
                        "{\"index\":2,\"id\":\"m:2\",\"ok\":false,\"error\":{\"type\":\"ValueError\",\"message\":\"a \\\"b\\\"\\n\"}}",
                        "{\"index\":3,\"id\":\"x\"}");
        assertThat(err.size()).isZero();
    }

    @Test
    void showsTheWorkersStackOnlyWhenVerbose() {
        options.verbose = true;
        printer.failed(0, "m:0", "ValueError", "bad", "item 0: ValueError: bad", "\tat Worker\n");

        assertThat(err).hasToString("item 0: ValueError: bad\n\tat Worker\n");
    }

    @Test
    void keepsAFailureOnOneLineAndItsControlCharactersFromTheTerminal() {
        printer.failed(0, "m:0", "E", "", "item 0: E: a\nb\u001b[31m", null);

        assertThat(err).hasToString("item 0: E: a b?[31m\n");
    }

    @Test
    void holdsLinesBackUntilFlushedOrMany() {
        printer.line("a");
        assertThat(out.size()).isZero();

        printer.line("b".repeat(70_000));
        assertThat(out.size()).isEqualTo(70_003);
    }

    @Test
    void noticesThatNobodyReads() {
        var closed = printer(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        });
        closed.line("a");

        assertThatThrownBy(closed::flush).isInstanceOf(Console.OutputClosedException.class);
    }

    private ResultPrinter printer(OutputStream out) {
        var console = new Console(
                InputStream.nullInputStream(),
                new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, false, StandardCharsets.UTF_8),
                Map.of());
        return new ResultPrinter(console, options, Json::text);
    }
}
