package dev.workerfarm.worker.link;

import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.worker.link.DeathReport.Running;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what a {@link RunningFile}'s dead writer has left; apart from the writer, which would make a parent larger. */
public final class RunningReader {
    /** What a process ran when it died. */
    public record Dead(String process, List<Running> running) {}

    static final int MAGIC = 0x57464d31;
    static final int IDLE = 0;
    static final int RUNNING = 1;

    /** Texts are cut to so many bytes: ids and queue names have no more. */
    static final int MAX_TEXT_BYTES = 255;

    private static final int TEXT_BYTES = Integer.BYTES + MAX_TEXT_BYTES + 1;

    /** The file's head: MAGIC, the number of slots, the process's name. It takes the room of a slot. */
    static final int MAGIC_AT = 0;

    static final int COUNT_AT = 4;
    static final int PROCESS_AT = 8;

    /** A slot: state, index, generation, attempt, id, task, queue. */
    static final int STATE_AT = 0;

    static final int INDEX_AT = 4;
    static final int GENERATION_AT = 8;
    static final int ATTEMPT_AT = 12;
    static final int ID_AT = 16;
    static final int TASK_AT = ID_AT + TEXT_BYTES;
    static final int QUEUE_AT = TASK_AT + TEXT_BYTES;
    static final int SLOT_BYTES = 1_024;

    private RunningReader() {}

    /** Reads the file's bytes; null if the process has not written or stopped on purpose, or nothing can be read. */
    public static @Nullable Dead read(ByteBuffer bytes) {
        bytes.order(ByteOrder.nativeOrder());
        if (bytes.capacity() < SLOT_BYTES || bytes.getInt(MAGIC_AT) != MAGIC) {
            return null;
        }
        var process = text(bytes, PROCESS_AT);
        if (process == null) {
            return null;
        }
        List<Running> running = new ArrayList<>();
        var slots = Math.min(bytes.getInt(COUNT_AT), bytes.capacity() / SLOT_BYTES - 1);
        for (int i = 1; i <= slots; i++) {
            var slot = slot(bytes, i * SLOT_BYTES);
            if (slot != null) {
                running.add(slot);
            }
        }
        return new Dead(process, running);
    }

    private static @Nullable Running slot(ByteBuffer bytes, int at) {
        if (bytes.getInt(at + STATE_AT) != RUNNING) {
            return null;
        }
        var id = text(bytes, at + ID_AT);
        var task = text(bytes, at + TASK_AT);
        var queue = text(bytes, at + QUEUE_AT);
        if (id == null || task == null || queue == null) {
            return null;
        }
        var run = new TaskRun(id, bytes.getInt(at + GENERATION_AT), bytes.getInt(at + ATTEMPT_AT));
        return new Running(run, task, queue, bytes.getInt(at + INDEX_AT));
    }

    private static @Nullable String text(ByteBuffer bytes, int at) {
        var length = bytes.getInt(at);
        if (length < 0 || length > MAX_TEXT_BYTES) {
            return null;
        }
        var text = new byte[length];
        bytes.get(at + Integer.BYTES, text);
        return new String(text, StandardCharsets.UTF_8);
    }
}
