"""`fairuse retrain`: a night from the archive and the labels to one move of a model, or to none."""
