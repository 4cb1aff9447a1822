package com.example.tasks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The folder that the farm downloads into. Callers name files in it; no name leads out of it. */
final class PictureFolder {
    private final Path folder;

    private PictureFolder(Path folder) {
        this.folder = folder;
    }

    /** Where this worker's downloads are: {@code FARM_DOWNLOAD_DIR}, or {@code downloads}. */
    static PictureFolder ofWorker() {
        var variable = System.getenv("FARM_DOWNLOAD_DIR");
        return new PictureFolder(Path.of(variable == null || variable.isBlank() ? "downloads" : variable));
    }

    /**
     * A file that is there.
     *
     * @throws NoSuchFileException if it is not, or is no plain file: a link could lead anywhere
     */
    Path existing(String name) throws IOException {
        var file = inside(name);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new NoSuchFileException(name, null, "no such file in the download folder");
        }
        return file;
    }

    /**
     * A file that may be there or not.
     *
     * @throws IllegalArgumentException if the name is no plain file name, or starts with a dot
     */
    Path inside(String name) {
        var path = Path.of(name);
        if (name.isEmpty() || name.startsWith(".") || path.isAbsolute() || path.getNameCount() != 1) {
            throw new IllegalArgumentException("not a plain file name: '" + name + "'");
        }
        return folder.resolve(path);
    }
}
