package dev.workerfarm.worker.parent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.worker.parent.ChildProcess.WorkingFolder;
import java.io.File;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a child starts. */
class WorkingFolderTest {
    @TempDir
    private Path folder;

    @Test
    void usuallyWhereItsParentDid() {
        assertThat(WorkingFolder.isGone()).isFalse();
        var usual = new WorkingFolder(folder, false);
        assertThat(usual.forChild()).isNull();
        assertThat(usual.options()).isEmpty();
    }

    @Test
    void whereADeletedFolderWasMadeAnewInTheNewOne() {
        var anew = new WorkingFolder(folder, true);
        assertThat(anew.forChild()).isEqualTo(folder.toFile());
        assertThat(anew.options()).isEmpty();
    }

    @Test
    void whereItIsGoneInTheRootWithTheOldPathForWhatIsRelative() {
        var path = folder.resolve("gone");
        var gone = new WorkingFolder(path, true);
        assertThat(gone.forChild()).isEqualTo(new File("/"));
        assertThat(gone.options()).containsExactly("-Duser.dir=" + path);
    }
}
