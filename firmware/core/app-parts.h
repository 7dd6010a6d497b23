/* app-parts.h - what app.c, commands.c and tell.c share. Nobody else includes it. */
#ifndef VISIONVEND_APP_PARTS_H
#define VISIONVEND_APP_PARTS_H

#include "app.h"

/* app.c */
uint32_t app_uptime(const struct app *app);
struct lock_in app_lock_in(const struct app *app);
bool app_drive(struct app *app);                                    /* the driver obeys: false when it failed */
void app_watch_door(struct app *app);                               /* samples the contact, tells what changed */
void app_released(struct app *app);                                 /* remembers that a visit began */
void app_never_released(struct app *app);                           /* takes that back: the driver failed */
void app_locked(struct app *app, enum relock_reason reason);        /* drives, remembers and tells a relock */
void app_show(struct app *app);

/* commands.c */
int commands_take(void *owner, uint8_t type, const uint8_t *body, size_t length); /* a link_sink */

/* tell.c: events, kept until acknowledged */
void tell_unlocked(struct app *app, uint32_t command_id, const uint8_t visit[VISIT_LENGTH]);
void tell_refused(struct app *app, uint32_t command_id, const uint8_t visit[VISIT_LENGTH], enum refusal_reason reason);
void tell_relocked(struct app *app, const uint8_t visit[VISIT_LENGTH], enum relock_reason reason);
void tell_opened(struct app *app, const uint8_t visit[VISIT_LENGTH]);
void tell_closed(struct app *app, const uint8_t visit[VISIT_LENGTH]);
void tell_left_open(struct app *app, uint8_t seconds);
void tell_tamper(struct app *app);
void tell_settled(struct app *app);

/* tell.c: said once */
void tell_weights(struct app *app);
void tell_status(struct app *app, uint32_t stamp);
void tell_done(struct app *app, uint32_t command_id, enum outcome outcome);

#endif
