package dev.workerfarm.worker.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SafeFileNameTest {
    private static final HttpUrl URL = HttpUrl.get("http://example.com/from-url.jpg");

    static Stream<Arguments> hostileNames() {
        return Stream.of(
                Arguments.of("image1.jpg", "image1.jpg"),
                Arguments.of("two words (1).tar.gz", "two words (1).tar.gz"),
                Arguments.of("日本.jpg", "日本.jpg"),
                Arguments.of("../../etc/passwd", "_._.._etc_passwd"),
                Arguments.of("..\\..\\windows\\system.ini", "_._.._windows_system.ini"),
                Arguments.of("/etc/passwd", "_etc_passwd"),
                Arguments.of("C:\\autoexec.bat", "C__autoexec.bat"),
                Arguments.of("a.txt:stream", "a.txt_stream"),
                Arguments.of(".", "_"),
                Arguments.of("..", "__"),
                Arguments.of("...", "_._"),
                Arguments.of(".bashrc", "_bashrc"),
                Arguments.of(".part-1", "_part-1"),
                Arguments.of("~root", "_root"),
                Arguments.of("a\0b.jpg", "a_b.jpg"),
                Arguments.of("a\r\nb\u001b[31m.jpg", "a__b_[31m.jpg"),
                Arguments.of("a\u0085\u2028b", "a__b"),
                Arguments.of("photo\u202egpj.exe", "photo_gpj.exe"),
                Arguments.of("a\u200bb\ufeff.jpg", "a_b_.jpg"),
                Arguments.of("half \ud83d character", "half _ character"),
                Arguments.of("<a>|\"b\"?*", "_a___b___"),
                Arguments.of("con", "_con"),
                Arguments.of("NUL.txt", "_NUL.txt"),
                Arguments.of("nul .tar.gz", "_nul .tar.gz"),
                Arguments.of("com1.jpg", "_com1.jpg"),
                Arguments.of("lpt².jpg", "_lpt².jpg"),
                Arguments.of("CONIN$", "_CONIN$"),
                Arguments.of("console.log", "console.log"),
                Arguments.of("com10", "com10"),
                Arguments.of("trailing.", "trailing_"),
                Arguments.of("trailing ", "trailing_"),
                Arguments.of(" leading", "_leading"),
                Arguments.of("", "from-url.jpg"),
                Arguments.of("  ", "from-url.jpg"),
                Arguments.of(null, "from-url.jpg"));
    }

    @ParameterizedTest
    @MethodSource("hostileNames")
    void makesANameOfAnything(String wanted, String expected) {
        assertThat(SafeFileName.of(wanted, URL, StandardCharsets.UTF_8)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "http://example.com, download",
        "http://example.com/, download",
        "http://example.com/a/b/, download",
        "http://example.com/a/b.jpg?x=/c.png#/d, b.jpg",
        "http://example.com/a%20b.jpg, a b.jpg",
        "http://example.com/a%2Fb.jpg, a_b.jpg",
        "http://example.com/..%2f..%2fetc%2fpasswd, _._.._etc_passwd",
        "http://example.com/x/%2e%2e%5cb, _._b",
        "http://example.com/%00, _",
        "http://example.com/%ff.jpg, \ufffd.jpg",
        "http://example.com/%7Eroot, _root",
    })
    void takesTheNameFromTheUrlIfThereIsNone(String url, String expected) {
        assertThat(SafeFileName.of(null, HttpUrl.get(url), StandardCharsets.UTF_8))
                .isEqualTo(expected);
    }

    @Test
    void shortensToTwoHundredBytesAndKeepsTheExtension() {
        String name = SafeFileName.of("é".repeat(300) + ".jpeg", URL, StandardCharsets.UTF_8);

        assertThat(name).startsWith("éééé").matches("é+-[0-9a-f]{8}\\.jpeg");
        assertThat(name.getBytes(StandardCharsets.UTF_8)).hasSizeBetween(195, 200);
    }

    @Test
    void shortensWithoutSplittingACharacter() {
        for (int i = 0; i < 5; i++) {
            String name = SafeFileName.of("x".repeat(i) + "😀".repeat(100), URL, StandardCharsets.UTF_8);

            assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(name)).isTrue();
            assertThat(name).matches("x*(😀)+-[0-9a-f]{8}");
            assertThat(name.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(200);
        }
    }

    @Test
    void keepsLongNamesApartThatDifferOnlyAtTheEnd() {
        String start = "x".repeat(250);

        assertThat(SafeFileName.of(start + "1.jpg", URL)).isNotEqualTo(SafeFileName.of(start + "2.jpg", URL));
    }

    @Test
    void keepsNamesApartWhereThePlatformKnowsOnlyAscii() {
        assertThat(SafeFileName.of("日本.jpg", URL, StandardCharsets.US_ASCII)).isEqualTo("%E6%97%A5%E6%9C%AC.jpg");
        assertThat(SafeFileName.of("中国.jpg", URL, StandardCharsets.US_ASCII)).isEqualTo("%E4%B8%AD%E5%9B%BD.jpg");
    }

    @Test
    void anyStringIsADirectChildOfTheFolderThatCanBeCreated(@TempDir Path folder) throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 3000; i++) {
            String wanted = randomName(random);
            String name = SafeFileName.of(wanted, URL);
            Path file = folder.resolve(name);

            assertThat(file.normalize().getParent())
                    .as("seed %d, '%s'", seed, wanted)
                    .isEqualTo(folder);
            assertThat(file.getFileName().toString()).isEqualTo(name).doesNotStartWith(".");
            assertThat(name.getBytes(StandardCharsets.UTF_8)).hasSizeBetween(1, SafeFileName.MAX_BYTES);
            assertThat(SafeFileName.of(name, URL)).as("is safe already").isEqualTo(name);
            Files.write(file, new byte[0]);
            Files.delete(file);
        }
    }

    private static String randomName(Random random) {
        String nasty = "../\\~:*?<>|\"\0\r\n\t .conNULaux1²$é日\u202e\u200d\ud83d\ude00%";
        StringBuilder name = new StringBuilder();
        int length = random.nextInt(10) == 0 ? random.nextInt(600) : random.nextInt(12);
        for (int i = 0; i < length; i++) {
            name.append(
                    random.nextInt(4) == 0
                            ? (char) random.nextInt(0x10000)
                            : nasty.charAt(random.nextInt(nasty.length())));
        }
        return name.toString();
    }
}
