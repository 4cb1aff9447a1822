package dev.workerfarm.it;

import static dev.workerfarm.testkit.TestFarm.bytes;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/** The headers and bodies that hostile messages are made of. */
final class HostileBytes {
    /** The largest body that RabbitMQ 4 takes. */
    static final int FULL = 16 * 1024 * 1024;
    /** To be sent in broken text: as long as a name may be. */
    static final String NO_UTF_8 = "~".repeat(255);

    private HostileBytes() {}

    @SuppressWarnings("JavaUtilDate") // what AMQP's timestamps are to its client
    static HostileMessage everyType(HostileMessage sent) {
        return sent.header("int", 1)
                .header("long", Long.MIN_VALUE)
                .header("short", (short) -1)
                .header("byte", (byte) -1)
                .header("float", Float.MIN_VALUE)
                .header("double", Double.MAX_VALUE)
                .header("decimal", new BigDecimal("-1.5"))
                .header("date", new Date(Long.MAX_VALUE))
                .header("bytes", new byte[] {0, (byte) 0xff})
                .header("true", true)
                .header("null", null)
                .header("list", Arrays.asList(1, null, "x", List.of(), Map.of()))
                .header("", "");
    }

    static List<Object> deepList(int levels) {
        List<Object> list = List.of();
        for (int i = 1; i < levels; i++) {
            list = List.of(list);
        }
        return list;
    }

    static Map<String, Object> deepTable(int levels) {
        Map<String, Object> table = Map.of();
        for (int i = 1; i < levels; i++) {
            table = Map.of("x", table);
        }
        return table;
    }

    static HostileMessage chunk(HostileMessage sent, String kwargs) {
        return sent.task("workerfarm.map").body("[[]," + kwargs.replace('\'', '"') + ",{}]");
    }

    static HostileMessage celery(HostileMessage sent, String form, String kwargs) {
        return sent.task("celery." + form).body("[[]," + kwargs.replace('\'', '"') + ",{}]");
    }

    /** A chunk's arguments. */
    static String chunkOf(String task, String map, String start, String items) {
        return "{'task':" + task + ",'map':" + map + ",'start':" + start + ",'items':" + items + "}";
    }

    /** So many empty lists in one. */
    static String empty(int count) {
        return "[" + "[],".repeat(count - 1) + "[]]";
    }

    /** A body of 16 MiB that is one of these behind the other. */
    static byte[] many(String json) {
        var count = (FULL - 20) / (json.length() + 1);
        return bytes("[[" + (json + ",").repeat(count - 1) + json + "],{},{}]");
    }

    static byte[] names() {
        return bytes("[[],{"
                + IntStream.range(0, 1_200_000)
                        .mapToObj(n -> "\"" + Integer.toString(1_000_000 + n, 36) + "\":0")
                        .collect(Collectors.joining(","))
                + "},{}]");
    }

    static byte[] text(int length) {
        return bytes("[[\"" + "x".repeat(length - 12) + "\"],{},{}]");
    }

    static String numbers(int count) {
        return IntStream.range(0, count).mapToObj(String::valueOf).collect(Collectors.joining(","));
    }

    /** Names whose String.hashCode is the same: "Aa" and "BB" have one. */
    static String oneHash() {
        return IntStream.range(0, 1 << 14)
                .mapToObj(n -> IntStream.range(0, 14)
                                .mapToObj(bit -> (n >> bit & 1) == 0 ? "Aa" : "BB")
                                .collect(Collectors.joining("", "\"", "\""))
                        + ":0")
                .collect(Collectors.joining(","));
    }

    /** Zeros: the first megabyte, and the other 1 023 by its bytes, which a full flush makes alike. */
    static byte[] bomb() {
        var deflater = new Deflater(Deflater.BEST_SPEED);
        deflater.setInput(new byte[1 << 20]);
        var block = new byte[1 << 20];
        var length = deflater.deflate(block, 0, block.length, Deflater.FULL_FLUSH);
        deflater.end();
        var bomb = new ByteArrayOutputStream();
        bomb.write(block, 0, length);
        for (int i = 1; i < 1_024; i++) {
            bomb.write(block, 2, length - 2); // without the stream's own header
        }
        return bomb.toByteArray();
    }

    static byte[] zlib(byte[] plain) {
        return written(bytes -> new DeflaterOutputStream(bytes, new Deflater(Deflater.BEST_SPEED)), plain);
    }

    static byte[] gzip(String text) {
        return written(GZIPOutputStream::new, bytes(text));
    }

    private interface Compression {
        OutputStream on(OutputStream out) throws IOException;
    }

    private static byte[] written(Compression compression, byte[] plain) {
        var bytes = new ByteArrayOutputStream();
        try (var out = compression.on(bytes)) {
            out.write(plain);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toByteArray();
    }
}
