package dev.workerfarm.cli.output;

import dev.workerfarm.wire.Headers;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Takes the name of a queue from the command line. AMQP's default exchange would drop what is for a queue without a name. */
public final class QueueWord implements ITypeConverter<String> {
    @Override
    public String convert(String word) {
        if (word.isBlank() || !Headers.isShort(word)) {
            throw new TypeConversionException(
                    "a queue's name has 1 to 255 bytes; leave the option out for the task's own");
        }
        return word;
    }
}
