"""Rules between settings: what each of them allows alone and all of them do not allow together."""
