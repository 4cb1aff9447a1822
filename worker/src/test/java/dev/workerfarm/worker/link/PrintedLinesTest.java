package dev.workerfarm.worker.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PrintedLinesTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final PrintStream target = new PrintStream(written, true, StandardCharsets.UTF_8);
    private final PrintStream printed = PrintedLines.onto(target);

    @Test
    void writesWholeLinesOnly() {
        printed.print("half ");
        printed.flush();
        target.print("a log line\n");
        printed.print("a line\nand ");
        assertThat(text()).isEqualTo("a log line\nhalf a line\n");
        printed.println("another");
        printed.write('x');
        printed.write('\n');
        assertThat(text()).isEqualTo("a log line\nhalf a line\nand another\nx\n");
    }

    @Test
    void aLineWithoutAnEndIsWrittenAtTheEnd() {
        printed.print("last words");
        printed.close();
        assertThat(text()).isEqualTo("last words\n");
        target.print("still open");
        assertThat(text()).endsWith("still open");
    }

    @Test
    void cutsALineAtEightKibibytesWithAMark() {
        printed.println("x".repeat(PrintedLines.MAX_BYTES));
        printed.println("y".repeat(PrintedLines.MAX_BYTES + 1));
        printed.println("short");
        assertThat(text().lines())
                .containsExactly(
                        "x".repeat(PrintedLines.MAX_BYTES),
                        "y".repeat(PrintedLines.MAX_BYTES) + " ... (cut, 1 bytes)",
                        "short");
    }

    @Test
    void thirtyMegabytesWithoutALineEndAreOneShortLine() {
        for (int i = 0; i < 30; i++) {
            printed.print("z".repeat(1_000_000));
        }
        assertThat(written.size()).isZero();
        printed.println();
        assertThat(text())
                .isEqualTo("z".repeat(PrintedLines.MAX_BYTES) + " ... (cut, " + (30_000_000 - PrintedLines.MAX_BYTES)
                        + " bytes)\n");
    }

    @Test
    void doesNotCutACharacterInTwo() {
        printed.println("x" + "\u20ac".repeat(PrintedLines.MAX_BYTES));
        assertThat(text()).startsWith("x\u20ac").contains("\u20ac ... (cut, ").doesNotContain("\ufffd");
    }

    private String text() {
        return written.toString(StandardCharsets.UTF_8);
    }
}
