package com.example.tasks;

import com.example.tasks.Thumbnail.Made;
import com.example.tasks.Thumbnail.Size;
import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/** Runs {@code thumbnail} on a worker. A run that is repeated makes the same file again. */
public final class ThumbnailTask implements Task<Thumbnail, Made> {
    private static final int LARGEST_EDGE = 4_096;

    private final PictureFolder folder = PictureFolder.ofWorker();

    @Override
    public TaskType<Thumbnail, Made> type() {
        return Thumbnail.TYPE;
    }

    /**
     * Makes the small picture. Its file appears whole or not at all, and replaces an older one.
     *
     * @throws IllegalArgumentException if a file name or the edge does not fit
     * @throws IOException if the source is not there or no picture, or the folder cannot be written
     */
    @Override
    public Made run(Thumbnail args, TaskContext context) throws IOException {
        if (args.maxEdge() < 1 || args.maxEdge() > LARGEST_EDGE) {
            throw new IllegalArgumentException("maxEdge is 1 to " + LARGEST_EDGE + ", not " + args.maxEdge());
        }
        var picture = Picture.read(folder.existing(args.source()), args.maxEdge());
        var image = picture.scaledTo(picture.size().within(args.maxEdge()));
        var target = folder.inside(args.target() == null ? defaultTarget(args, picture.format()) : args.target());
        var part = target.resolveSibling("." + UUID.randomUUID() + ".part");
        try {
            Picture.write(image, picture.format(), part);
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
        return new Made(
                target.getFileName().toString(),
                Files.size(target),
                new Size(image.getWidth(), image.getHeight()),
                picture.size());
    }

    private static String defaultTarget(Thumbnail args, String format) {
        var dot = args.source().lastIndexOf('.');
        var stem = dot < 0 ? args.source() : args.source().substring(0, dot);
        return stem + "-" + args.maxEdge() + "." + format;
    }
}
