package dev.workerfarm.worker.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LineReaderTest {
    @Test
    void readsLinesOfAnyEnd() throws IOException {
        assertThat(lines("a\n\nb\r\nc\rd", 10)).containsExactly("a", "", "b", "c", "d");
        assertThat(lines("", 10)).isEmpty();
        assertThat(lines("\r\n\r\n", 10)).containsExactly("", "");
    }

    @Test
    void aLineMayArriveInPieces() throws IOException {
        var pieces = Stream.of("a", "b\r", "\n", "c", "\n", "d\n")
                .map(LineReaderTest::stream)
                .toList();
        assertThat(lines(new SequenceInputStream(Collections.enumeration(pieces)), 10))
                .containsExactly("ab", "c", "d");
    }

    @Test
    void cutsALongLineAndSaysHowMuchIsMissing() throws IOException {
        assertThat(lines("0123456789\n01234567890\nshort\n", 10))
                .containsExactly("0123456789", "0123456789 ... (cut, 1 bytes)", "short");
    }

    @Test
    void cutsBetweenCharactersAndNotWithinOne() throws IOException {
        for (var character : List.of("\u00e9", "\u20ac", "\ud83d\ude00")) {
            for (int max = 4; max < 12; max++) {
                assertThat(lines("ab" + character.repeat(10) + "\n", max))
                        .singleElement()
                        .asString()
                        .startsWith("ab")
                        .doesNotContain("\ufffd")
                        .endsWith(" bytes)");
            }
        }
    }

    @Test
    void aLineWithoutAnEndTakesNoMemory() throws IOException {
        var endless = new InputStream() {
            private long left = Integer.MAX_VALUE + 100L;

            @Override
            public int read() {
                throw new UnsupportedOperationException();
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                if (left == 0) {
                    return -1;
                }
                var read = (int) Math.min(length, left);
                left -= read;
                return read;
            }
        };
        var total = Integer.MAX_VALUE + 100L;
        assertThat(lines(endless, 10)).singleElement().asString().endsWith("(cut, " + (total - 10) + " bytes)");
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> lines(String text, int maxBytes) throws IOException {
        return lines(stream(text), maxBytes);
    }

    private static List<String> lines(InputStream in, int maxBytes) throws IOException {
        var reader = new LineReader(in, maxBytes);
        List<String> lines = new ArrayList<>();
        for (var line = reader.next(); line != null; line = reader.next()) {
            lines.add(new String(line, StandardCharsets.UTF_8));
        }
        return lines;
    }
}
