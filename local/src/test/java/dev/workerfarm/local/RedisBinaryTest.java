package dev.workerfarm.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.error.RedisUnreachableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisBinaryTest {
    private static final String THIS_SYSTEM =
            RedisBinary.system(System.getProperty("os.name"), System.getProperty("os.arch"));

    @TempDir
    private Path folder;

    @Test
    void namesSystemsAsTheCarriedBinariesDo() {
        assertThat(RedisBinary.system("Linux", "amd64")).isEqualTo("linux-amd64");
        assertThat(RedisBinary.system("Linux", "aarch64")).isEqualTo("linux-arm64");
        assertThat(RedisBinary.system("Mac OS X", "aarch64")).isEqualTo("darwin-arm64");
        assertThat(RedisBinary.system("Mac OS X", "x86_64")).isEqualTo("darwin-amd64");
        assertThat(RedisBinary.system("Linux", "i386")).isEqualTo("linux-386");
        assertThat(RedisBinary.system("Windows 11", "amd64")).isEqualTo("windows-11-amd64");
    }

    @Test
    void unpacksOnceAndUsesTheCopyAgain() throws IOException {
        var copy = binary(THIS_SYSTEM, folder.resolve("cache")).find();
        assertThat(copy).hasParent(folder.resolve("cache")).isExecutable();
        var stamp = FileTime.fromMillis(1_000_000);
        Files.setLastModifiedTime(copy, stamp);

        assertThat(binary(THIS_SYSTEM, folder.resolve("cache")).find()).isEqualTo(copy);
        assertThat(Files.getLastModifiedTime(copy)).isEqualTo(stamp);
        assertThat(folder.resolve("cache")).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void replacesACopyThatIsNotWhole() throws IOException {
        var copy = binary(THIS_SYSTEM, folder.resolve("cache")).find();
        var content = Files.readAllBytes(copy);
        content[content.length / 2] ^= 1;
        Files.write(copy, content);

        binary(THIS_SYSTEM, folder.resolve("cache")).find();
        content[content.length / 2] ^= 1;
        assertThat(Files.readAllBytes(copy)).isEqualTo(content);
    }

    @Test
    void unpacksIntoATemporaryFolderWhereTheCacheCannotBeUsed() throws IOException {
        var file = Files.createFile(folder.resolve("file"));
        var copy = binary(THIS_SYSTEM, file.resolve("cache")).find();
        assertThat(copy.getParent()).hasParent(folder);
    }

    @Test
    void takesTheInstalledOneWhereNoneIsCarried() throws IOException {
        var installed = Files.createFile(folder.resolve("redis-server"));
        Files.writeString(installed, "#!/bin/sh\nexit 0\n");
        assertThat(installed.toFile().setExecutable(true)).isTrue();
        assertThat(new RedisBinary("plan9-mips", folder.resolve("cache"), folder, "/nowhere::" + folder).find())
                .isEqualTo(installed);
    }

    @Test
    void saysWhatWasTriedWhereThereIsNone() {
        assertThatThrownBy(() -> new RedisBinary("plan9-mips", folder, folder, "/nowhere").find())
                .isInstanceOf(RedisUnreachableException.class)
                .hasMessage("No redis-server runs here (none is carried for plan9-mips; none on the PATH)."
                        + " Install Redis, or set FARM_REDIS_URL to one that runs elsewhere.");
    }

    private RedisBinary binary(String system, Path cache) {
        return new RedisBinary(system, cache, folder, "");
    }
}
