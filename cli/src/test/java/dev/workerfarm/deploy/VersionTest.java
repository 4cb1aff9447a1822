package dev.workerfarm.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.config.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The version is the property {@code revision} of the root POM. What cannot read it there has to name the same. */
class VersionTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern REVISION = Pattern.compile("<revision>([^<]+)</revision>");

    /** An image's tag, a manifest's, an image's label, or a dependency on one of our libraries. */
    private static final Pattern MENTION = Pattern.compile("(?:workerfarm:|newTag: |image\\.version=\"|"
            + "<artifactId>workerfarm-[a-z]+</artifactId>(?:\\s*<!--[^>]*-->)?\\s*<version>)([\\w.-]+)");

    @Test
    void theProgramsVersionIsThePoms() throws IOException {
        assertThat(revision()).isEqualTo(Version.FARM);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".env.example",
                "Dockerfile",
                "README.md",
                "deploy/kubernetes/README.md",
                "deploy/kubernetes/downloader-deployment.yaml",
                "deploy/kubernetes/kustomization.yaml",
                "deploy/kubernetes/worker-deployment.yaml",
                "docker-compose.yml"
            })
    @MethodSource("examplesPoms")
    void everyFileThatNamesTheVersionNamesThePoms(String file) throws IOException {
        var mentions = MENTION.matcher(Files.readString(ROOT.resolve(file)));

        assertThat(mentions.results().map(mention -> mention.group(1)))
                .as(file)
                .isNotEmpty()
                .containsOnly(revision());
    }

    private static List<String> examplesPoms() throws IOException {
        try (var files = Files.walk(ROOT.resolve("examples"))) {
            return files.filter(file -> file.endsWith("pom.xml"))
                    .map(file -> ROOT.relativize(file).toString())
                    .toList();
        }
    }

    private static String revision() throws IOException {
        var revision = REVISION.matcher(Files.readString(ROOT.resolve("pom.xml")));
        assertThat(revision.find()).isTrue();
        return revision.group(1);
    }
}
