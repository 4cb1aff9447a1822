package dev.workerfarm.worker.link;

import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.worker.link.DeathReport.Running;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a child process runs at this moment, written to memory that its parent can read when the child is dead: a mapped
 * file, whose pages the kernel keeps however the process ends. Writing is a few stores, no system call. The file has no
 * name any more once it is mapped, so none is left over whoever is killed; the parent has it open.
 *
 * <p>A slot for each executor thread, each of one writer. A slot counts only while its state is
 * {@link RunningReader#RUNNING}: texts and numbers are written before that, and never while it is so, but for the
 * index, one aligned store. So a kill at any moment leaves a slot that is whole, or none; and none means that no code
 * of a task had begun.
 */
public final class RunningFile {
    private static final Logger LOG = LoggerFactory.getLogger(RunningFile.class);
    private static final VarHandle INTS = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

    private final ByteBuffer memory;

    private RunningFile(ByteBuffer memory, String process, int slots) {
        this.memory = memory.order(ByteOrder.nativeOrder());
        memory.putInt(RunningReader.COUNT_AT, slots);
        putText(RunningReader.PROCESS_AT, process);
        INTS.setRelease(memory, RunningReader.MAGIC_AT, RunningReader.MAGIC);
    }

    /** Begins to write, to an empty file that the parent has open, or nowhere; of a name the first 255 bytes. */
    public static RunningFile open(@Nullable Path file, String process, int slots) {
        var bytes = (slots + 1) * RunningReader.SLOT_BYTES;
        if (file != null) {
            try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                var empty = ByteBuffer.allocate(bytes);
                while (empty.hasRemaining()) { // a page for which the disk has no room would end the process once it is
                    // touched
                    channel.write(empty);
                }
                var memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes);
                Files.deleteIfExists(file);
                return new RunningFile(memory, process, slots);
            } catch (IOException e) {
                LOG.warn("if this process dies it will not be known of what file={} reason={}", file, e.toString());
            }
        }
        return new RunningFile(ByteBuffer.allocateDirect(bytes), process, slots);
    }

    /** The slot of an executor thread, counted from 0; it is the only one that may write there. */
    public Slot slot(int number) {
        return new Slot((number + 1) * RunningReader.SLOT_BYTES);
    }

    /** This process stops on purpose: what it still runs is given back, and not to be charged. Harmless when repeated. */
    public void stop() {
        INTS.setRelease(memory, RunningReader.MAGIC_AT, 0);
    }

    private void putText(int at, String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        var length = Math.min(bytes.length, RunningReader.MAX_TEXT_BYTES);
        memory.putInt(at, length);
        memory.put(at + Integer.BYTES, bytes, 0, length);
    }

    /** One thread's place. */
    public final class Slot {
        private final int at;

        private Slot(int at) {
            this.at = at;
        }

        /** A message's turn begins, {@link Running#AROUND} its calls; another's has ended with that. */
        public void begin(TaskRun run, String task, String queue) {
            end();
            memory.putInt(at + RunningReader.INDEX_AT, Running.AROUND);
            memory.putInt(at + RunningReader.GENERATION_AT, run.generation());
            memory.putInt(at + RunningReader.ATTEMPT_AT, run.attempt());
            putText(at + RunningReader.ID_AT, run.id());
            putText(at + RunningReader.TASK_AT, task);
            putText(at + RunningReader.QUEUE_AT, queue);
            INTS.setRelease(memory, at + RunningReader.STATE_AT, RunningReader.RUNNING); // behind all the others
        }

        /** From here on this call runs, or {@link Running#AROUND}. */
        public void at(int index) {
            INTS.setRelease(memory, at + RunningReader.INDEX_AT, index);
        }

        /** Nothing runs. */
        public void end() {
            INTS.setRelease(memory, at + RunningReader.STATE_AT, RunningReader.IDLE);
            VarHandle.storeStoreFence(); // before what the next turn writes
        }
    }
}
