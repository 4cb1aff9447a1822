/** The wire: Celery protocol 2 messages as records, and their codecs. */
@NullMarked
package dev.workerfarm.message;

import org.jspecify.annotations.NullMarked;
