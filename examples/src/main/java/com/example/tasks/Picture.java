package com.example.tasks;

import com.example.tasks.Thumbnail.Size;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriteParam;
import javax.imageio.stream.ImageInputStream;

/**
 * A picture that was read from a file no larger than needed.
 *
 * @param image its pixels; of a large picture every n-th
 * @param size the file's own size
 * @param format {@code jpg} or {@code png}: how to write it so that nothing of its kind is lost
 */
record Picture(BufferedImage image, Size size, String format) {
    /** A file of few bytes can claim to be a picture of billions of pixels. */
    private static final long MAX_PIXELS = 100_000_000;
    /** Pixels of the source for one of the thumbnail, along each edge, beyond which more make no difference to the eye. */
    private static final int ENOUGH_SAMPLES = 8;

    private static final float JPEG_QUALITY = 0.85f;

    /**
     * Reads a picture in any format that Java knows: JPEG, PNG, GIF, BMP, TIFF.
     *
     * @param maxEdge how large it is wanted
     * @throws IOException if it is no such picture, is damaged, or has more than 100 million pixels
     */
    static Picture read(Path file, int maxEdge) throws IOException {
        try (var input = ImageIO.createImageInputStream(file.toFile())) {
            var readers = ImageIO.getImageReaders(input);
            if (!readers.hasNext()) {
                throw new IOException(file.getFileName() + " is no picture that can be read");
            }
            var reader = readers.next();
            try {
                return read(reader, input, maxEdge);
            } finally {
                reader.dispose();
            }
        }
    }

    private static Picture read(ImageReader reader, ImageInputStream input, int maxEdge) throws IOException {
        reader.setInput(input, true, true);
        var size = new Size(reader.getWidth(0), reader.getHeight(0)); // from the header: nothing is decoded yet
        if ((long) size.width() * size.height() > MAX_PIXELS) {
            throw new IOException("a picture of " + size.width() + " x " + size.height() + " is too large");
        }
        var step = Math.max(1, Math.max(size.width(), size.height()) / (ENOUGH_SAMPLES * maxEdge));
        var param = reader.getDefaultReadParam();
        param.setSourceSubsampling(Math.min(step, size.width()), Math.min(step, size.height()), 0, 0);
        var format = reader.getFormatName().toLowerCase(Locale.ROOT).startsWith("jp") ? "jpg" : "png";
        return new Picture(reader.read(0, param), size, format);
    }

    /** This picture at the size wanted, not larger than it is. Halved while it can be, so that every pixel counts. */
    BufferedImage scaledTo(Size wanted) {
        var scaled = image;
        while (scaled.getWidth() >= 2 * wanted.width() && scaled.getHeight() >= 2 * wanted.height()) {
            scaled = draw(scaled, scaled.getWidth() / 2, scaled.getHeight() / 2);
        }
        return draw(scaled, wanted.width(), wanted.height());
    }

    /** Premultiplied, so that what is transparent does not bleed its colour into what is not. */
    private static BufferedImage draw(BufferedImage image, int width, int height) {
        var type = image.getColorModel().hasAlpha() ? BufferedImage.TYPE_INT_ARGB_PRE : BufferedImage.TYPE_INT_RGB;
        var drawn = new BufferedImage(width, height, type);
        var graphics = drawn.createGraphics();
        try {
            // Halved, each pixel is the mean of four; bicubic would weigh its neighbours too.
            var halved = image.getWidth() / 2 == width && image.getHeight() / 2 == height;
            graphics.setRenderingHint(
                    RenderingHints.KEY_INTERPOLATION,
                    halved ? RenderingHints.VALUE_INTERPOLATION_BILINEAR : RenderingHints.VALUE_INTERPOLATION_BICUBIC);
            graphics.drawImage(image, 0, 0, width, height, null);
        } finally {
            graphics.dispose();
        }
        return drawn;
    }

    /** Writes an image. */
    static void write(BufferedImage image, String format, Path file) throws IOException {
        var writer = ImageIO.getImageWritersByFormatName(format).next();
        try (var output = ImageIO.createImageOutputStream(file.toFile())) {
            writer.setOutput(output);
            var param = writer.getDefaultWriteParam();
            if (format.equals("jpg")) {
                param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
                param.setCompressionQuality(JPEG_QUALITY);
            }
            writer.write(null, new IIOImage(image, null, null), param);
        } finally {
            writer.dispose();
        }
    }
}
