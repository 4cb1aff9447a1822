package dev.workerfarm.cli.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.json.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinesTest {
    @Test
    void givesTheLinesWithoutBlankOnesAndLineEnds() {
        assertThat(all(lines("a\r\n\n  \nb c\nlast"))).containsExactly("a", "b c", "last");
        assertThat(all(lines(""))).isEmpty();
    }

    @Test
    void readsLinesAcrossItsBuffersEnd() {
        var longLine = "é".repeat(50_000);

        assertThat(all(lines(longLine + "\nx\n" + longLine))).containsExactly(longLine, "x", longLine);
    }

    @Test
    void saysWhichLineIsNoText() {
        var lines = new Lines(new ByteArrayInputStream(new byte[] {'a', '\n', (byte) 0xff, '\n'}));

        assertThat(lines.next()).isEqualTo("a");
        assertThatThrownBy(lines::hasNext).hasMessage("line 2 of the input is not UTF-8 text");
    }

    @Test
    void refusesALineWithoutEnd() {
        var endless = new InputStream() {
            @Override
            public int read() {
                return 'x';
            }
        };

        assertThatThrownBy(() -> new Lines(endless).hasNext()).hasMessageContaining("longer than " + Json.MAX_BYTES);
    }

    @Test
    void isReadyOnlyWhenSomethingHasCome() throws IOException {
        try (var typed = new PipedOutputStream();
                var lines = new PipedInputStream(typed)) {
            var waiting = new Lines(lines);
            assertThat(waiting.isReady()).isFalse();

            typed.write("1\n2\n".getBytes(StandardCharsets.UTF_8));

            assertThat(waiting.isReady()).isTrue();
            assertThat(waiting.next()).isEqualTo("1");
            assertThat(waiting.isReady()).isTrue();
            assertThat(waiting.next()).isEqualTo("2");
            assertThat(waiting.isReady()).isFalse();
        }
    }

    @Test
    void aDashAmongWordsStandsForTheLines() {
        var words = new Words(List.of("1", "-", "4"), stream("2\n3\n"));

        assertThat(words.total()).isEqualTo(-1);
        assertThat(all(words)).containsExactly("1", "2", "3", "4");
        assertThat(new Words(List.of("-3", "x"), stream("")).total()).isEqualTo(2);
    }

    @Test
    void aListOfDownloadsHasUrlsNamesAndComments() {
        var list = new DownloadList(lines("# mine\nhttp://a/b\n  # x\nhttp://u:p@c/d\tname.png\nhttp://e/f\t\n"));

        assertThat(all(list).stream().map(DownloadList::arguments))
                .isEqualTo(
                        List.of(List.of("http://a/b"), List.of("http://u:p@c/d", "name.png"), List.of("http://e/f")));
        assertThat(list.nextUrl()).isEqualTo("http://a/b");
        assertThat(list.nextUrl()).as("without user and password").isEqualTo("http://c/d");
        assertThat(list.nextUrl()).isEqualTo("http://e/f");
    }

    private static Lines lines(String text) {
        return new Lines(stream(text));
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> all(java.util.Iterator<String> lines) {
        List<String> all = new ArrayList<>();
        lines.forEachRemaining(all::add);
        return all;
    }
}
