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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinesTest {
    @Test
    void givesTheLinesWithoutBlankOnesAndLineEnds() {
        assertThat(all(lines("a\r\n\n  \nb c\nlast"))).containsExactly("a", "b c", "last");
        assertThat(all(lines(""))).isEmpty();
        assertThat(all(lines("\ufeffa\n\ufeffb"))).containsExactly("a", "\ufeffb");
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
        assertThat(DownloadList.url("http://u:p@c/d\tname.png"))
                .as("without user and password")
                .isEqualTo("http://c/d");
    }

    @Test
    void saysWhereEachTextStandsAsAPersonCounts() {
        assertThat(places(new Words(List.of("1", "-", "4"), stream("\n2\n \n3\n"))))
                .containsExactly("argument 1", "line 2", "line 4", "argument 3");
        assertThat(places(new DownloadList(lines("# mine\nhttp://a/b\n\nhttp://c/d"))))
                .containsExactly("line 2", "line 4");
    }

    @Test
    void countsTheTextsOfARegularFileAndOfNothingElse(@TempDir Path folder) throws IOException {
        var file = Files.writeString(folder.resolve("list"), "# mine\nhttp://a/b\n\nhttp://c/d");

        assertThat(Lines.count(file.toString(), DownloadList::new)).isEqualTo(2);
        assertThat(Lines.count(file.toString(), lines -> lines)).isEqualTo(3);
        assertThat(Lines.count("/dev/stdin", lines -> lines)).isEqualTo(-1);
        assertThat(Lines.count(null, lines -> lines)).isEqualTo(-1);
    }

    private static List<String> places(ReadAhead texts) {
        List<String> places = new ArrayList<>();
        texts.forEachRemaining(text -> places.add(texts.place()));
        return places;
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
